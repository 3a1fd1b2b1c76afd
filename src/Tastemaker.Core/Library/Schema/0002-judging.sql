-- Tastes: one person's judgements for one purpose, and what was learned from them.
create table tastes (
    -- The taste's number in this studio.
    id integer primary key,
    -- What people call it, such as mine.
    name text not null unique,
    -- When its first judgement came, UTC, ISO 8601.
    created_at text not null
) strict;

-- Every judgement in the order in which it came. Rows are added and never changed: what is taken back is named by a row of kind undo.
create table judgements (
    -- The judgement's number; judgements are replayed from the lowest up.
    id integer primary key autoincrement,
    -- The taste that it belongs to.
    taste_id integer not null references tastes (id),
    -- The first judgement of the same act: a choice among four images is three rows of one act, and is undone as one.
    act integer not null,
    -- choice: image_id won over other_id; draw: neither did; skip: the pair was passed over; rating: image_id got value on scale; keep and reject: picks; undo: the act named by act is taken back.
    kind text not null check (kind in ('choice', 'draw', 'skip', 'rating', 'keep', 'reject', 'undo')),
    -- The image that was judged; of a choice, the one that won.
    image_id integer references images (id),
    -- The other image of a choice, a draw or a skip.
    other_id integer references images (id),
    -- Of a rating, on its scale.
    value real,
    -- Of a rating, such as 1-5, 1-10 or z; ratings on one scale by one rater are read alike.
    scale text,
    -- train: learned from; held-out: a pair drawn at random and kept out of training; repeat: an older held-out pair shown again.
    purpose text not null check (purpose in ('train', 'held-out', 'repeat')),
    -- The probability that the model gave to what was chosen, before it was chosen; null where no model was asked.
    expected real check (expected between 0 and 1),
    -- Who judged.
    rater text not null,
    -- What it came through: web, api, or the format of the file that it was imported from.
    source text not null,
    -- From showing to choosing.
    milliseconds integer check (milliseconds >= 0),
    -- UTC, ISO 8601.
    judged_at text not null,
    check (case kind
        when 'undo' then image_id is null and other_id is null and value is null
        when 'rating' then image_id is not null and other_id is null and value is not null and scale is not null
        when 'keep' then image_id is not null and other_id is null and value is null
        when 'reject' then image_id is not null and other_id is null and value is null
        else image_id is not null and other_id is not null and image_id <> other_id and value is null
    end)
) strict;

create index judgements_by_taste on judgements (taste_id, id);

create index judgements_by_image on judgements (image_id);

create trigger judgements_are_not_changed before update on judgements begin
    select raise(abort, 'judgements are only ever added');
end;

create trigger judgements_are_not_removed before delete on judgements begin
    select raise(abort, 'judgements are only ever added');
end;
