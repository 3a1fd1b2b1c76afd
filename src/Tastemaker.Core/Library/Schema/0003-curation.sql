-- Words that people and commands put on images of the studio; the images' files know nothing of them.
create table image_tags (
    -- The word, such as favourite.
    tag text not null,
    -- The image that bears it.
    image_id integer not null references images (id) on delete cascade,
    -- Since when, UTC, ISO 8601.
    tagged_at text not null,
    primary key (tag, image_id)
) strict, without rowid;

create index image_tags_by_image on image_tags (image_id);

-- Every change inside a file of the user's, written down before it happens, so that it can be undone to the byte.
create table edits (
    -- The edit's number; edits are undone from the highest down.
    id integer primary key,
    -- Edits of one command share a batch and are undone together; batches are counted together with the journal's.
    batch integer not null,
    -- The absolute path of the file.
    path text not null,
    -- For each stretch that changed: where it began, how long it became, and the bytes that stood there before.
    splices blob not null,
    -- SHA-256 of the file as it was, 32 bytes; null where there was none.
    hash_before blob check (length(hash_before) = 32),
    -- SHA-256 of the file as it becomes, 32 bytes.
    hash_after blob not null check (length(hash_after) = 32),
    -- The time of last change of the file as it was, in nanoseconds since 1970 UTC; null where there was none.
    modified_ns integer,
    -- planned before it happens, done after, undone once it is reversed.
    state text not null check (state in ('planned', 'done', 'undone')),
    -- When it was planned, UTC, ISO 8601.
    planned_at text not null,
    -- When it was done, UTC, ISO 8601.
    done_at text,
    -- When it was reversed, UTC, ISO 8601.
    undone_at text
) strict;

create index edits_by_batch on edits (batch);
