//! PostgreSQL, Redis and an S3 server of a test's own, each of which can fail and come back.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use crate::run;
use crate::s3_server::{Objects, free_port};
use crate::server::{Process, Servers};

/// The servers.
#[derive(Debug)]
pub struct Cluster {
    folder: tempfile::TempDir,
    postgres: u16,
    redis: (u16, Option<Process>),
    /// The S3 server.
    pub objects: Objects,
}

/// Runs a shell command as a user that PostgreSQL is content with: not root.
fn as_postgres(command: &str) -> Command {
    let root = run(Command::new("id").arg("-u")).expect(0).stdout.trim() == "0";
    let mut shell = match root {
        true => Command::new("su"),
        false => Command::new("sh"),
    };
    match root {
        true => shell.args(["postgres", "-s", "/bin/sh", "-c", command]),
        false => shell.args(["-c", command]),
    };
    // A server that goes on would keep a pipe open.
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    shell
}

fn succeed(mut command: Command) {
    let done = command
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(done.success(), "{command:?}: {done}");
}

impl Cluster {
    /// Starts them.
    pub fn start() -> Cluster {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let everybody = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.path(), everybody).unwrap_or_else(|error| panic!("{error}"));
        let mut cluster = Cluster {
            folder,
            postgres: free_port(),
            redis: (free_port(), None),
            objects: Objects::start(),
        };
        let data = cluster.data();
        cluster.postgres_does(
            "initdb",
            &format!("-D {data} -U vidc -A trust -E UTF8 --locale=C.UTF-8"),
        );
        let port = cluster.postgres;
        cluster.postgres_does(
            "pg_ctl",
            &format!(
                "-D {data} -w -l {data}/log -o '-p {port} -c listen_addresses=127.0.0.1 -k {data} -c max_connections=200' start"
            ),
        );
        cluster.postgres_does("createdb", &format!("-h 127.0.0.1 -p {port} -U vidc vidc"));
        cluster.start_redis();
        cluster
    }

    fn data(&self) -> String {
        self.folder.path().join("postgres").display().to_string()
    }

    fn postgres_does(&self, program: &str, arguments: &str) {
        let bin = std::env::var("VIDC_TEST_POSTGRES_BIN").unwrap_or_else(|error| panic!("{error}"));
        succeed(as_postgres(&format!("{bin}/{program} {arguments}")));
    }

    /// Where they are.
    pub fn servers(&self) -> Servers {
        Servers {
            postgres: format!("postgres://vidc@127.0.0.1:{}/vidc", self.postgres),
            redis: format!("redis://127.0.0.1:{}", self.redis.0),
            s3: self.objects.endpoint(),
        }
    }

    /// As after a power cut: nothing is written out, connections break, and it recovers from its log.
    pub fn restart_postgres(&self) {
        self.postgres_does("pg_ctl", &format!("-D {} -w -m immediate restart", self.data()));
    }

    /// Forgets everything in Redis.
    pub fn flush_redis(&self) {
        run(Command::new("redis-cli").args(["-p", &self.redis.0.to_string(), "flushall"]));
    }

    /// Kills Redis, which kept nothing.
    pub fn stop_redis(&mut self) {
        self.redis.1 = None;
    }

    /// Starts Redis, empty.
    pub fn start_redis(&mut self) {
        let port = self.redis.0.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", ""]);
        let child = command
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .spawn();
        self.redis.1 = Some(child.unwrap_or_else(|error| panic!("{error}")).into());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let bin = std::env::var("VIDC_TEST_POSTGRES_BIN").unwrap_or_default();
        let stop = format!("{bin}/pg_ctl -D {} -m immediate stop", self.data());
        let _ = as_postgres(&stop).status();
    }
}
