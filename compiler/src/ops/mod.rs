//! The operations, one a file: each declares what it is called and takes, and how a call adds to the graph.
//!
//! Adding one is a file in its group's folder and a word in the list below.

mod help;

use crate::catalogue::Operation;

macro_rules! operations {
    ($($group:ident { $($operation:ident),* $(,)? })*) => {
        $(mod $group { $(pub(super) mod $operation;)* })*

        /// Every operation, in the order in which they are shown.
        pub(crate) static ALL: &[&Operation] = &[$($(&$group::$operation::OPERATION,)*)*];

        #[cfg(test)]
        const LISTED: &[(&str, &[&str])] = &[$((stringify!($group), &[$(stringify!($operation)),*])),*];
    };
}

operations! {
    sources { color, image, input, silence }
    time { concat, delay, fade, loop_, speed, trim }
    frame { crop, fit, flip, fps, pad, rotate, scale }
    look { grayscale, opacity }
    composite { overlay, pip }
    text { cues, subtitles, text }
    audio { channels, duck, loudness, mix, mute, replace_audio, resample, volume }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test may look at its own folder")]
    fn every_file_is_in_the_list() {
        let ops = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops");
        for (group, listed) in super::LISTED {
            let files: BTreeSet<String> = std::fs::read_dir(ops.join(group))
                .unwrap()
                .map(|entry| {
                    entry
                        .unwrap()
                        .path()
                        .file_stem()
                        .unwrap()
                        .to_string_lossy()
                        .into_owned()
                })
                .collect();
            assert_eq!(files, listed.iter().map(|name| (*name).to_owned()).collect());
        }
    }

    #[test]
    fn names_are_those_of_the_files_and_unique() {
        let files = super::LISTED.iter().flat_map(|(_, files)| files.iter());
        let names: Vec<&str> = super::ALL.iter().map(|operation| operation.name).collect();
        for (name, file) in names.iter().zip(files) {
            assert_eq!(name.replace('-', "_"), file.trim_end_matches('_'));
        }
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}
