/** Raised when the tables change; an older case is brought up to date, a newer one is refused. */
export const CASE_SCHEMA_VERSION = 1

/** Tables of case.sqlite. Times are microseconds since 1970 UTC; `json` columns hold values of the model as they are. */
export const CASE_SCHEMA = `
create table fact (name text primary key, value text not null) strict;
create table item (
  evidence text primary key,
  path text not null,
  sha256 text not null,
  bytes integer not null,
  state text not null,
  format text not null,
  note text not null,
  facts text not null,
  reading text not null,
  parts integer not null,
  unique (path, sha256)
) strict;
create table task (
  evidence text not null references item on delete cascade,
  part integer not null,
  reading text not null,
  records integer not null,
  events integer not null,
  hits integer not null,
  firstTime integer,
  lastTime integer,
  primary key (evidence, part)
) strict;
create table segment (
  file text primary key,
  evidence text not null,
  part integer not null,
  kind text not null,
  rows integer not null,
  bytes integer not null,
  columns text not null,
  foreign key (evidence, part) references task on delete cascade
) strict;
create index segment_task on segment (evidence, part);
create table diagnostic (
  evidence text not null,
  part integer not null,
  nth integer not null,
  json text not null,
  primary key (evidence, part, nth)
) strict;
create table finding (id text primary key, severity text not null, title text not null, json text not null) strict;
create table incident (id text primary key, severity text not null, title text not null, json text not null) strict;
create table mark (
  kind text not null,
  target text not null,
  reason text not null,
  until integer,
  madeAt text not null,
  primary key (kind, target)
) strict;
create table audit (
  id integer primary key,
  startedAt text not null,
  endedAt text,
  version text not null,
  command text not null,
  outcome text
) strict;
`
