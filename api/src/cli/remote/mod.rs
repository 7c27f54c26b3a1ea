//! Commands that use a server instead of rendering locally.

mod client;
mod download;
mod submit;
mod tasks;
mod upload;

pub(super) use download::{DownloadArguments, run_download};
pub(super) use submit::{SubmitArguments, run_submit};
pub(super) use tasks::{
    LogsArguments, TaskArguments, TasksArguments, run_cancel, run_logs, run_retry, run_tasks,
};
