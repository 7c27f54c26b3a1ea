//! The schema migrations. New ones are appended, and a released one is never changed.

/// All migrations in order. Times are milliseconds since 1970 by the database's clock; ids are UUIDs as text.
pub(super) const MIGRATIONS: &[&str] = &[
    "
create table tenants (
    id text primary key,
    webhook_secret text not null,
    created_at bigint not null
);
create table keys (
    id text primary key,
    tenant text not null,
    name text not null,
    hash text not null,
    scopes text not null,
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint
);
create index keys_of_tenant on keys (tenant, id);
create table assets (
    id text primary key,
    tenant text not null,
    name text not null,
    media_type text not null,
    source text,
    blob text not null,
    upload text,
    bytes bigint,
    hash text,
    created_at bigint not null,
    expires_at bigint not null
);
create index assets_of_tenant on assets (tenant, id);
create index assets_by_expiry on assets (expires_at);
create table tasks (
    id text primary key,
    tenant text not null,
    status text not null,
    priority bigint not null,
    class text not null,
    score bigint not null,
    due_at bigint not null,
    name text not null,
    syntax text not null,
    recipe text not null,
    job text not null,
    plan_key text not null,
    cached_from text,
    webhook text,
    attempt bigint not null,
    attempts_allowed bigint not null,
    worker text,
    lease_until bigint,
    cancel_requested_at bigint,
    percent bigint not null,
    stage text,
    failure text,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint,
    expires_at bigint,
    version bigint not null
);
create index tasks_of_tenant on tasks (tenant, id);
create index tasks_of_tenant_by_status on tasks (tenant, status, id);
create index tasks_ready on tasks (class, score, id) where status = 'pending';
create index tasks_leased on tasks (lease_until) where status = 'processing';
create index tasks_by_expiry on tasks (expires_at) where expires_at is not null;
create table transitions (
    task text not null,
    version bigint not null,
    at bigint not null,
    status text not null,
    attempt bigint not null,
    reason text not null,
    primary key (task, version)
);
create table outputs (
    task text not null,
    position bigint not null,
    name text not null,
    media_type text not null,
    bytes bigint not null,
    hash text not null,
    blob text not null,
    primary key (task, name)
);
create index outputs_by_blob on outputs (blob);
create table logs (
    task text not null,
    attempt bigint not null,
    seq bigint not null,
    at bigint not null,
    lines text not null,
    primary key (task, attempt, seq)
);
create table results (
    tenant text not null,
    plan_key text not null,
    task text not null,
    primary key (tenant, plan_key)
);
create index results_by_task on results (task);
create table idempotency (
    tenant text not null,
    key text not null,
    fingerprint text not null,
    task text not null,
    created_at bigint not null,
    primary key (tenant, key)
);
create index idempotency_by_age on idempotency (created_at);
create table deliveries (
    id text primary key,
    tenant text not null,
    task text not null,
    url text not null,
    body text not null,
    attempts bigint not null,
    due_at bigint not null,
    created_at bigint not null,
    delivered_at bigint,
    gave_up_at bigint,
    answer text
);
create index deliveries_due on deliveries (due_at) where delivered_at is null and gave_up_at is null;
create index deliveries_of_task on deliveries (task);
create table garbage (
    blob text primary key,
    due_at bigint not null
);
create index garbage_due on garbage (due_at);
",
    "
create table signing_secrets (
    id text primary key,
    secret text not null,
    created_at bigint not null
);
",
    "
create table parts (
    task text not null,
    key text not null,
    attempt bigint not null,
    kin text not null,
    work text not null,
    tries bigint not null,
    worker text,
    lease_until bigint,
    blob text,
    primary key (task, key)
);
create index parts_open on parts (kin) where blob is null;
create table workers (
    name text primary key,
    kin text not null,
    cores bigint not null,
    seen_at bigint not null
);
alter table tasks add column cores_elsewhere bigint;
",
];
