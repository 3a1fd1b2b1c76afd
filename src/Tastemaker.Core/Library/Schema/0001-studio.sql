-- Images, each known by its content: renames, moves and edits of metadata leave it the same row.
create table images (
    -- The image's number in this studio.
    id integer primary key,
    -- SHA-256 over the coded picture alone, 32 bytes.
    content_id blob not null unique check (length(content_id) = 32),
    -- Of the picture as it is stored, in pixels.
    width integer not null check (width > 0),
    -- Of the picture as it is stored, in pixels.
    height integer not null check (height > 0),
    -- The container: jpeg, png, webp, avif, gif, tiff or bmp.
    format text not null,
    -- When the studio first met the image, UTC, ISO 8601.
    added_at text not null
) strict;

-- Files that held an image when they were last read; several may hold the same one.
create table files (
    -- The file's number in this studio.
    id integer primary key,
    -- The image that the file held.
    image_id integer not null references images (id) on delete cascade,
    -- The absolute path, as the system writes it.
    path text not null unique,
    -- In bytes, when it was read; a file of another size is read again.
    size integer not null check (size >= 0),
    -- The time of its last change when it was read, in nanoseconds since 1970 UTC; a file with another time is read again.
    modified_ns integer not null,
    -- When the studio last read the file, UTC, ISO 8601.
    seen_at text not null
) strict;

create index files_by_image on files (image_id);

-- Encoders whose feature vectors are kept.
create table encoders (
    -- The encoder's number in this studio.
    id integer primary key,
    -- What people call it, such as vit-l-14.
    name text not null,
    -- Of its graph, weights and preprocessing together; also the name of its file in vectors/.
    fingerprint text not null unique,
    -- Numbers in one feature vector.
    dims integer not null check (dims between 1 and 65536),
    -- When its first vector came, UTC, ISO 8601.
    created_at text not null
) strict;

-- Which row of an encoder's file in vectors/ is the feature vector of which image; a row that is not named here is free.
create table vectors (
    -- The encoder that made it.
    encoder_id integer not null references encoders (id) on delete cascade,
    -- The image that it describes.
    image_id integer not null references images (id) on delete cascade,
    -- Counted from 0, in vectors/FINGERPRINT.f16rows.
    row integer not null check (row >= 0),
    primary key (encoder_id, image_id)
) strict, without rowid;

create unique index vectors_by_row on vectors (encoder_id, row);

-- Every file that was copied, moved or linked, written down before it happens, so that it can be undone.
create table journal (
    -- The operation's number; operations are undone from the highest down.
    id integer primary key,
    -- Operations of one command share a batch and are undone together.
    batch integer not null,
    -- What is done: copy, move or link.
    kind text not null check (kind in ('copy', 'move', 'link')),
    -- The absolute path of the file as it was.
    from_path text not null,
    -- The absolute path of the copy, the link, or the moved file.
    to_path text not null,
    -- Of the file that was placed, in bytes.
    size integer not null,
    -- The time of last change of the file that was placed, in nanoseconds since 1970 UTC.
    modified_ns integer not null,
    -- planned before it happens, done after, undone once it is reversed.
    state text not null check (state in ('planned', 'done', 'undone')),
    -- When it was planned, UTC, ISO 8601.
    planned_at text not null,
    -- When it was done, UTC, ISO 8601.
    done_at text,
    -- When it was reversed, UTC, ISO 8601.
    undone_at text
) strict;

create index journal_by_batch on journal (batch);
