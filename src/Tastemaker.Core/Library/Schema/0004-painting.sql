-- What was asked to be painted together, by one command: it survives a kill, and is gone on with.
create table paint_runs (
    -- The run's number; runs are gone on with from the lowest up.
    id integer primary key autoincrement,
    -- How its requests are painted, as JSON: the checkpoint, what it is computed in, the folder and names of the files, what passes.
    plan text not null,
    -- UTC, ISO 8601.
    asked_at text not null,
    -- When nothing of it was left to do, UTC, ISO 8601; null while there is.
    done_at text
) strict;

-- The pictures of a run.
create table paint_requests (
    -- The request's number; those of a run are painted from the lowest up.
    id integer primary key autoincrement,
    -- The run that it belongs to.
    run_id integer not null references paint_runs (id),
    -- All that decides the picture but the checkpoint, as JSON.
    request text not null,
    -- waiting; kept: file is the picture; dropped: it was painted and did not pass, or was stopped; spared: enough others passed, or it was given up.
    state text not null check (state in ('waiting', 'kept', 'dropped', 'spared')),
    -- The picture's full path; of a request that waits, the path that was about to be written when the run was killed.
    file text
) strict;

create index paint_requests_by_run on paint_requests (run_id, state, id);

-- How a head's scores of half-painted pictures compare with those of the finished ones: what 'taste study early-steps' measured.
create table early_studies (
    -- The study's number.
    id integer primary key,
    -- The first ten digits of the SHA-256 of the checkpoint.
    checkpoint text not null,
    -- The head's name.
    model text not null,
    -- What the pictures were painted with: the sampler, its levels of noise and number of steps, the size, the guidance.
    sampler text not null,
    -- Of each picture its scores after each step and at the end, as JSON.
    scores text not null,
    -- UTC, ISO 8601.
    made_at text not null
) strict;
