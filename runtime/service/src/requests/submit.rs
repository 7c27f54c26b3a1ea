//! Submitting a recipe as a task.

use vidc_dsl::Syntax;

use super::compile::CompiledRecipe;
use super::error::RequestError;
use super::tasks::TaskWithOutputs;
use crate::service::Service;
use crate::store::model::{Job, NewTask, Priority, TaskId, Tenant};
use crate::store::{CreateOutcome, IdempotencyKey};

/// A recipe to render.
#[derive(Clone, Debug)]
pub struct SubmitRequest {
    /// The tenant that owns the task.
    pub tenant: Tenant,
    /// The recipe's name in messages.
    pub name: String,
    /// The recipe's syntax.
    pub syntax: Syntax,
    /// The recipe's text.
    pub recipe: String,
    /// The recipe's bindings and compiler options.
    pub job: Job,
    /// The task's priority.
    pub priority: Priority,
    /// The URL that is called when the task ends.
    pub webhook_url: Option<String>,
    /// Makes the request safe to repeat.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// The outcome of a submission.
#[derive(Debug)]
pub enum Submission {
    /// The recipe has errors; no task was created.
    Invalid(Box<CompiledRecipe>),
    /// A task was created. It is already completed if the same results exist.
    Created(TaskWithOutputs),
    /// The same request created this task before.
    Repeated(TaskWithOutputs),
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// The tenant has as many unfinished tasks as it may have.
    QueueFull {
        /// The maximum number of unfinished tasks.
        limit: i64,
    },
}

impl Service {
    /// Checks a recipe and creates a task for it.
    pub async fn submit(&self, request: SubmitRequest) -> Result<Submission, RequestError> {
        if let Some(key) = &request.idempotency_key
            && let Some(outcome) = self.store.find_repeated(&request.tenant, key).await?
        {
            return self.submission(outcome).await;
        }
        let SubmitRequest {
            tenant,
            name,
            syntax,
            recipe,
            job,
            ..
        } = &request;
        let compiled = self.compile_recipe(tenant, name, *syntax, recipe, job, 0).await?;
        let plan_key = compiled
            .without_errors()
            .and_then(|_| compiled.compilation.results_key());
        let Some(plan_key) = plan_key else {
            return Ok(Submission::Invalid(Box::new(compiled)));
        };
        let mut job = job.clone();
        // The render uses the files that were fetched now, even if their URLs lead to other content by then.
        job.assets.extend(compiled.fetched_assets.clone());
        for asset in job.assets.values() {
            self.store
                .extend_asset(tenant, *asset, self.settings.retention)
                .await?;
        }
        let cached = self.store.completed_task_for(tenant, &plan_key).await?;
        let task = NewTask {
            id: TaskId::generate(),
            tenant: request.tenant,
            priority: request.priority,
            name: request.name,
            syntax: match request.syntax {
                Syntax::Text => "vidc".to_owned(),
                Syntax::Yaml => "yaml".to_owned(),
            },
            recipe: request.recipe,
            job,
            plan_key,
            webhook_url: request.webhook_url,
        };
        let outcome = self
            .store
            .create_task(
                &task,
                cached,
                request.idempotency_key.as_ref(),
                self.settings.max_unfinished_tasks,
                self.settings.retention,
            )
            .await?;
        if let CreateOutcome::Created(task) = &outcome {
            let result = if task.cached_from.is_some() { "kept" } else { "new" };
            self.metrics.submitted.get_or_create(&[("result", result)]).inc();
            tracing::info!(task = %task.id, tenant = %task.tenant, status = task.status.name(), "task accepted");
            self.announce(task.id).await;
        }
        self.submission(outcome).await
    }

    async fn submission(&self, outcome: CreateOutcome) -> Result<Submission, RequestError> {
        Ok(match outcome {
            CreateOutcome::Created(task) => Submission::Created(self.with_outputs(*task).await?),
            CreateOutcome::Repeated(task) => Submission::Repeated(self.with_outputs(*task).await?),
            CreateOutcome::KeyReused => Submission::IdempotencyKeyReused,
            CreateOutcome::QueueFull => Submission::QueueFull {
                limit: self.settings.max_unfinished_tasks,
            },
        })
    }
}
