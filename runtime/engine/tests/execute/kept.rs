//! Stages that are not run here: what they make was kept, or somebody else makes it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use vidc_compiler::cost::Work;
use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{ArtifactId, Destination, Plan, RunSource, Stage, StageKind};
use vidc_engine::execute::{Claim, RemoteExecutor};
use vidc_engine::{Cancel, Event, ExecContext, StageCache, execute};

use crate::{Scene, plan, render};

async fn run(scene: &Scene, stage_cache: &StageCache, plan: &Plan, note: &(dyn Fn(Event) + Send + Sync)) {
    let (context, out) = (scene.context(stage_cache), scene.out());
    let made = execute(&context, plan, &scene.facts, &out, note, Cancel::never()).await;
    made.unwrap();
}

#[tokio::test]
async fn what_was_made_before_is_not_made_again() {
    let scene = Scene::new().await;
    let stage_cache = StageCache::at(scene.fixture.path("finished"), 1 << 30);
    let reused = Mutex::new(0);
    let note = |event| *reused.lock().unwrap() += usize::from(matches!(event, Event::Reused { .. }));
    for name in ["first.mp4", "second.mp4"] {
        let plan = plan(vec![render(name)]);
        run(&scene, &stage_cache, &plan, &note).await;
    }
    assert_eq!(*reused.lock().unwrap(), 1);
    let made = |name| std::fs::read(scene.out().join(name)).unwrap();
    assert_eq!(made("first.mp4"), made("second.mp4"));
}

/// A copied part is not kept itself, nor made again where what was made of it is kept.
#[tokio::test]
async fn what_only_kept_work_would_use_is_not_made_again() {
    let scene = Scene::new().await;
    let stage_cache = StageCache::at(scene.fixture.path("finished"), 1 << 30);
    let mut part = render("");
    part.kind = StageKind::Copy;
    part.key = "part".to_owned();
    part.run.outputs[0].destination = Destination::Artifact;
    let mut whole = render("whole.mp4");
    whole.run.inputs[0].source = RunSource::Artifact(ArtifactId { stage: 0, output: 0 });
    let plan = plan(vec![part, whole]);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let out = scene.out();
        let ran = Mutex::new(Vec::new());
        let note = |event| {
            if let Event::Finished { stage, .. } = event {
                ran.lock().unwrap().push(stage);
            }
        };
        run(&scene, &stage_cache, &plan, &note).await;
        assert!(out.join("whole.mp4").is_file());
        std::fs::remove_file(out.join("whole.mp4")).unwrap();
        runs.push(ran.into_inner().unwrap());
    }
    assert_eq!(runs, [vec![0, 1], vec![]]);
}

/// What is kept is on another disk than that of temporary files, where there is one, and goes as soon as a stage begins.
#[tokio::test]
async fn what_is_in_use_may_go() {
    let scene = Scene::new().await;
    let disk = tempfile::tempdir_in("/dev/shm").unwrap();
    let stage_cache = StageCache::at(disk.path().join("finished"), 1 << 30);
    let kept = plan(vec![render("kept.mp4")]);
    run(&scene, &stage_cache, &kept, &|_| {}).await;
    std::fs::remove_dir_all(scene.out()).unwrap();
    let mut first = render("first.mp4");
    first.key = "first".to_owned();
    first.run.outputs[0].destination = Destination::Artifact;
    let mut plan = plan(vec![first, render("kept.mp4"), render("last.mp4")]);
    plan.stages[2].key = "last".to_owned();
    plan.stages[2].run.inputs[0].source = RunSource::Artifact(ArtifactId { stage: 0, output: 0 });
    // Before it is copied to its place.
    let note = |event| {
        if matches!(event, Event::Started { .. }) {
            stage_cache.clear().unwrap();
        }
    };
    run(&scene, &stage_cache, &plan, &note).await;
    assert_eq!(scene.fixture.file_names("out"), ["kept.mp4", "last.mp4"]);
}

/// Somebody who runs the stage of one key: it is theirs when asked for the first time, and made when asked again.
struct Somebody {
    runs: &'static str,
    made: PathBuf,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl RemoteExecutor for Somebody {
    async fn offer(&self, stages: &[&Stage], _: &Facts) -> bool {
        let keys: Vec<_> = stages.iter().map(|stage| stage.key.as_str()).collect();
        assert_eq!(keys, ["a.mp4", "b.mp4"], "those that take long, and use no other");
        true
    }

    async fn claim(&self, stage: &Stage) -> Claim {
        let mut asked = self.asked.lock().unwrap();
        let again = asked.contains(&stage.key);
        asked.push(stage.key.clone());
        match (stage.key == self.runs, again) {
            (false, _) => Claim::Local,
            (true, false) => Claim::Remote,
            (true, true) => Claim::Done("b".to_owned()),
        }
    }

    async fn fetch(&self, made: &str) -> Option<PathBuf> {
        assert_eq!(made, "b");
        Some(self.made.clone())
    }

    async fn changed(&self) {}
}

#[tokio::test]
async fn what_others_run_is_waited_for_and_used() {
    let scene = Scene::new().await;
    let made = scene.fixture.path("in.mp4");
    let somebody = Somebody {
        runs: "b.mp4",
        made: made.clone(),
        asked: Mutex::default(),
    };
    let mut stages: Vec<Stage> = ["a.mp4", "b.mp4", "short.mp4"].map(render).into();
    for stage in &mut stages {
        stage.key = stage.run.outputs[0].name().unwrap().to_owned();
        let starts = if stage.key == "short.mp4" { 1 } else { 1000 };
        stage.work = Work {
            processes: starts,
            ..Work::default()
        };
    }
    let nothing = StageCache::disabled();
    let context = ExecContext {
        elsewhere: &somebody,
        ..scene.context(&nothing)
    };
    let elsewhere = Mutex::new(Vec::new());
    let note = |event| match event {
        Event::Remote { stage } => elsewhere.lock().unwrap().push(stage),
        Event::Finished { stage, .. } => assert_ne!(stage, 1, "it was run twice"),
        _ => {}
    };
    let (plan, out) = (plan(stages), scene.out());
    let artifacts = execute(&context, &plan, &scene.facts, &out, &note, Cancel::never()).await;
    assert_eq!(artifacts.unwrap().len(), 3);
    assert_eq!(*elsewhere.lock().unwrap(), [1]);
    let read = |path: &Path| std::fs::read(path).unwrap();
    assert_eq!(read(&out.join("b.mp4")), read(&made));
    assert_ne!(read(&out.join("a.mp4")), read(&made));
}
