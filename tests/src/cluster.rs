//! Private PostgreSQL, Redis and S3 servers for a test, each of which can fail and recover.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use crate::run;
use crate::s3_server::{S3Server, free_port};
use crate::server::{Process, Servers};

/// The servers of one test.
#[derive(Debug)]
pub struct Cluster {
    folder: tempfile::TempDir,
    postgres: u16,
    redis: (u16, Option<Process>),
    /// The S3 server.
    pub s3: S3Server,
}

/// Runs a shell command as a user other than root, which PostgreSQL refuses to run as.
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
    // A server left running would keep a pipe open.
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
    /// Starts all three servers.
    pub fn start() -> Cluster {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let everybody = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.path(), everybody).unwrap_or_else(|error| panic!("{error}"));
        let mut cluster = Cluster {
            folder,
            postgres: free_port(),
            redis: (free_port(), None),
            s3: S3Server::start(),
        };
        let data = cluster.data();
        cluster.run_postgres(
            "initdb",
            &format!("-D {data} -U vidc -A trust -E UTF8 --locale=C.UTF-8"),
        );
        let port = cluster.postgres;
        cluster.run_postgres(
            "pg_ctl",
            &format!(
                "-D {data} -w -l {data}/log -o '-p {port} -c listen_addresses=127.0.0.1 -k {data} -c max_connections=200' start"
            ),
        );
        cluster.run_postgres("createdb", &format!("-h 127.0.0.1 -p {port} -U vidc vidc"));
        cluster.start_redis();
        cluster
    }

    fn data(&self) -> String {
        self.folder.path().join("postgres").display().to_string()
    }

    fn run_postgres(&self, program: &str, arguments: &str) {
        let bin = std::env::var("VIDC_TEST_POSTGRES_BIN").unwrap_or_else(|error| panic!("{error}"));
        succeed(as_postgres(&format!("{bin}/{program} {arguments}")));
    }

    /// The addresses of the servers.
    pub fn servers(&self) -> Servers {
        Servers {
            postgres: format!("postgres://vidc@127.0.0.1:{}/vidc", self.postgres),
            redis: format!("redis://127.0.0.1:{}", self.redis.0),
            s3: self.s3.endpoint(),
        }
    }

    /// Restarts PostgreSQL as after a power failure: nothing is flushed, connections break, and it recovers from its log.
    pub fn restart_postgres(&self) {
        self.run_postgres("pg_ctl", &format!("-D {} -w -m immediate restart", self.data()));
    }

    /// Deletes everything in Redis.
    pub fn flush_redis(&self) {
        run(Command::new("redis-cli").args(["-p", &self.redis.0.to_string(), "flushall"]));
    }

    /// Kills Redis, which persists nothing.
    pub fn stop_redis(&mut self) {
        self.redis.1 = None;
    }

    /// Starts an empty Redis.
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
