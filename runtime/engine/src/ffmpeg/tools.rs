//! Locates FFmpeg and ffprobe.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The two programs of one FFmpeg installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    /// `ffmpeg`
    pub ffmpeg: PathBuf,
    /// `ffprobe`
    pub ffprobe: PathBuf,
}

impl Tools {
    /// Finds both: `VIDC_FFMPEG` and `VIDC_FFPROBE` if set, else on `PATH`.
    pub fn find() -> Result<Tools, Error> {
        Tools::find_in(&|name| env::var_os(name))
    }

    /// As [`Tools::find`], in another environment.
    pub fn find_in(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Tools, Error> {
        Ok(Tools {
            ffmpeg: find("ffmpeg", "VIDC_FFMPEG", variable)?,
            ffprobe: find("ffprobe", "VIDC_FFPROBE", variable)?,
        })
    }
}

/// Finds a program: the path in `variable` if it is set, else the first executable of that name on `PATH`.
fn find(
    tool: &'static str,
    variable: &'static str,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, Error> {
    let missing = |looked: String| Error::ToolMissing {
        tool,
        variable,
        looked,
    };
    if let Some(named) = environment(variable).filter(|value| !value.is_empty()) {
        let path = PathBuf::from(named);
        return match is_executable(&path) {
            true => Ok(path),
            false => Err(missing(format!(
                "{variable} is `{}`, which is not a program",
                path.display()
            ))),
        };
    }
    on_path(tool, environment).ok_or_else(|| missing("it is not on PATH".to_owned()))
}

/// The first executable of a name on `PATH`.
pub(crate) fn on_path(tool: &str, environment: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    env::split_paths(&environment("PATH")?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(tool))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_says_how_to_get_it() {
        let error = Tools::find_in(&|name| (name == "PATH").then(|| "/nonexistent".into())).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("not on PATH") && message.contains("apt install ffmpeg"),
            "{message}"
        );
        let error =
            Tools::find_in(&|name| (name == "VIDC_FFMPEG").then(|| "/etc/passwd".into())).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("VIDC_FFMPEG is `/etc/passwd`, which is not a program"),
            "{error}"
        );
        assert_eq!(error.kind(), crate::ErrorKind::Environment);
    }
}
