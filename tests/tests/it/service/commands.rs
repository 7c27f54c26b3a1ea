//! The service used through the command-line client.

use std::path::Path;
use std::process::Command;

use vidc_tests::server::{Client, Site, backends};
use vidc_tests::{run, vidc};

use super::{LONG, duration, renders, until};
use crate::{VIDC, folder};

fn command(client: &Client, folder: &Path) -> Command {
    let mut command = vidc(VIDC, folder);
    command
        .env("VIDC_SERVER", &client.address)
        .env("VIDC_KEY", &client.key);
    command
}

#[test]
fn a_recipe_and_its_media_go_there_and_a_video_comes_back() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(1);
        let place = folder();
        let vidc = || command(&server.client, place.path());
        let recipe = "input a = \"media/talk.mov\"\noutput(\"clips/o.mp4\", from: a | trim(0s..2s))\n";
        std::fs::write(place.path().join("r.vidc"), recipe).unwrap();
        let submitted = run(vidc().args(["submit", "r.vidc", "-o", "out"])).expect(0);
        let task = submitted.stdout.lines().next().unwrap().to_owned();
        assert!((duration(&place.path().join("out/clips/o.mp4")) - 2.0).abs() < 0.05);

        let listed = run(vidc().arg("tasks")).expect(0).stdout;
        assert!(
            listed.starts_with(&task) && listed.contains("completed"),
            "{listed}"
        );
        let shown = run(vidc().args(["tasks", &task])).expect(0).stdout;
        assert!(shown.contains("clips/o.mp4"), "{shown}");
        let log = run(vidc().args(["logs", "-f", &task])).expect(0).stdout;
        assert!(log.contains("# done in"), "{log}");
        run(vidc().args(["download", &task, "-o", "again"])).expect(0);
        let bytes = |path: &str| std::fs::read(place.path().join(path)).unwrap();
        assert!(bytes("out/clips/o.mp4") == bytes("again/clips/o.mp4"));
        run(vidc().args(["download", &task, "other.mp4"])).expect(3);
        run(vidc().args(["cancel", &task])).expect(2);

        let wrong = "input a = \"media/none.mov\"\noutput(\"o.mp4\", from: a | trimm(0s..2s))\n";
        std::fs::write(place.path().join("wrong.vidc"), wrong).unwrap();
        let refused = run(vidc().args(["submit", "wrong.vidc"])).expect(1).stderr;
        assert!(
            refused.contains("wrong.vidc:2:") && refused.contains("trim"),
            "{refused}"
        );
        run(vidc().args(["tasks", "--key", "vidc_wrong"])).expect(2);
        run(vidc().args(["tasks", "--server", "http://127.0.0.1:1"])).expect(3);

        std::fs::write(place.path().join("long.vidc"), LONG).unwrap();
        let task = run(vidc().args(["submit", "long.vidc"]))
            .expect(0)
            .stdout
            .trim()
            .to_owned();
        until("ffmpeg runs", || !renders(server.process.id()).is_empty());
        run(vidc().args(["cancel", &task])).expect(0);
        server.client.wait(&task, &["cancelled"]);
        let again = run(vidc().args(["retry", &task])).expect(0).stdout;
        assert!(
            again.contains("pending") || again.contains("processing"),
            "{again}"
        );
    }
}
