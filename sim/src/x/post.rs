//! Posts, computed from their position.
//!
//! A candidate (rank 0) carries the simulator's hashtag exactly as X would match it:
//! in any case, with or without diacritics, after `#` or `＃`, in the text or only in
//! the part of a long post that `text` cuts off. Neighbours are what candidates refer
//! to: rank 1 is replied to, rank 2 is quoted, rank 3 is a bystander with other tags.

use super::draw::{Draw, Purpose, hash};
use super::people::{People, Standing};
use super::text::{Composed, Composer, Target, folded, truncated};
use super::timeline::{Position, SLOT, Timeline};
use super::words::{CASHTAGS, LANGUAGES, LINKS, Language, OTHER_TAGS, PLACES, SPICE, TOPICS};

/// Code points of `text` kept of a long post, before the ellipsis.
const SHORT: usize = 276;

/// How one post refers to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Answers it.
    RepliedTo,
    /// Quotes it.
    Quoted,
}

impl Reference {
    /// As in `referenced_tweets[].type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RepliedTo => "replied_to",
            Self::Quoted => "quoted",
        }
    }
}

/// Why a post cannot be had by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Available,
    /// Deleted, or its author is suspended or gone: "Not Found Error".
    Deleted,
    /// Its author is protected: "Authorization Error".
    Protected,
}

/// Kinds of media, with the prefix of their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// `3_`
    Photo,
    /// `7_` or `13_`
    Video,
    /// `16_`
    Gif,
}

/// A picture or film of a post.
#[derive(Clone, Debug)]
pub struct Media {
    /// For example `3_1871234567890123456`.
    pub key: String,
    /// What it is.
    pub kind: MediaKind,
    /// Luck for the details.
    pub luck: u64,
}

/// Country withholding of a post.
#[derive(Clone, Debug)]
pub struct Withheld {
    /// ISO codes.
    pub countries: Vec<&'static str>,
    /// X leaves the scope out now and then.
    pub has_scope: bool,
}

/// A post, in no dialect yet.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where it is in the universe.
    pub at: Position,
    /// Its id.
    pub id: u64,
    /// When it was written.
    pub written_ms: i64,
    /// Who wrote it.
    pub author: u32,
    /// Language code.
    pub lang: &'static str,
    /// The text as delivered, cut if the post is long.
    pub text: Composed,
    /// All of a long post.
    pub note: Option<Composed>,
    /// What it refers to.
    pub references: Vec<(Reference, Position)>,
    /// The id of the first post of the thread.
    pub conversation: u64,
    /// Whom it answers.
    pub in_reply_to: Option<u32>,
    /// Pictures and films.
    pub media: Vec<Media>,
    /// The id of its poll.
    pub poll: Option<u64>,
    /// An index into the places.
    pub place: Option<usize>,
    /// Whether the exact point is known too.
    pub has_point: bool,
    /// Indexes into the topics.
    pub topics: Vec<usize>,
    /// How often it was edited; earlier versions have the ids just below the latest.
    pub edits: u64,
    /// The id of its newest version.
    pub latest: u64,
    /// Reposts, replies, likes, quotes, bookmarks, impressions.
    pub metrics: [u64; 6],
    /// Where it must not be shown.
    pub withheld: Option<Withheld>,
    /// Luck for rare fields.
    pub luck: u64,
}

impl Post {
    /// The text to search in: all of it.
    pub fn whole(&self) -> &Composed {
        self.note.as_ref().unwrap_or(&self.text)
    }

    /// The ids of all its versions, oldest first.
    pub fn versions(&self) -> Vec<u64> {
        (1..=self.edits).rev().map(|step| self.latest - step).chain([self.latest]).collect()
    }

    /// The version with this id. What it says is the same: only search promises the
    /// newest text, and nothing documents what an edit changed.
    pub fn version(mut self, id: u64) -> Self {
        self.id = id;
        self
    }

    /// Whether it refers to another in this way.
    pub fn refers(&self, how: Reference) -> bool {
        self.references.iter().any(|(kind, _)| *kind == how)
    }
}

/// Everything that can be computed: time, people, posts.
#[derive(Clone, Debug)]
pub struct Universe {
    seed: u64,
    /// When and under which id.
    pub timeline: Timeline,
    /// By whom.
    pub people: People,
    variants: Vec<String>,
    others: Vec<&'static str>,
    /// The hashtag as search compares it.
    pub folded_hashtag: String,
}

impl Universe {
    /// A universe whose candidates carry `hashtag`.
    pub fn new(seed: u64, timeline: Timeline, people: People, hashtag: &str) -> Self {
        let same = folded(hashtag);
        let mut variants = vec![hashtag.to_owned(), hashtag.to_owned()];
        let others = [hashtag.to_uppercase(), hashtag.to_lowercase(), same.clone()];
        variants.extend(others.into_iter().filter(|variant| folded(variant) == same));
        let others = OTHER_TAGS.iter().copied().filter(|tag| folded(tag) != same).collect();
        Self { seed, timeline, people, variants, others, folded_hashtag: same }
    }

    /// Who wrote the post at a position.
    pub fn author(&self, at: Position) -> u32 {
        let mut draw = Draw::new(self.seed, Purpose::Author, at.0);
        // A deleted or protected neighbour is how X's partial errors come about.
        if matches!(at.rank(), 1 | 2) {
            self.people.somebody(&mut draw)
        } else {
            self.people.author(&mut draw)
        }
    }

    /// Whether the post at a position can be had by its id.
    pub fn availability(&self, at: Position) -> Availability {
        if at.is_candidate() {
            let withheld = self.timeline.is_withheld(at.slot());
            return if withheld { Availability::Deleted } else { Availability::Available };
        }
        match self.people.standing(self.author(at)) {
            Standing::Protected => return Availability::Protected,
            Standing::Suspended | Standing::Gone => return Availability::Deleted,
            Standing::Active => {}
        }
        let luck = hash(&[self.seed, Purpose::Deleted as u64, at.0]);
        if luck % 1000 < 30 { Availability::Deleted } else { Availability::Available }
    }

    /// The position of the post with an id, if there is one.
    pub fn find(&self, id: u64) -> Option<Position> {
        let at = Position(self.timeline.position_from(id));
        (self.timeline.positions().contains(&at.0) && self.timeline.id(at) == id).then_some(at)
    }

    /// The position of the post of which an id names an earlier version.
    pub fn find_edited(&self, id: u64) -> Option<Position> {
        let next = Position(self.timeline.position_from(id));
        let exists = self.timeline.positions().contains(&next.0);
        (exists && self.post(next).versions().contains(&id)).then_some(next)
    }

    /// The post at a position.
    pub fn post(&self, at: Position) -> Post {
        let mut draw = Draw::new(self.seed, Purpose::Post, at.0);
        let id = self.timeline.id(at);
        let mut post = Post {
            at,
            id,
            written_ms: self.timeline.written_ms(at.slot()),
            author: self.author(at),
            lang: "und",
            text: Composed::default(),
            note: None,
            references: Vec::new(),
            conversation: id,
            in_reply_to: None,
            media: media(id, &mut draw),
            poll: draw.chance(10).then_some(id / 3),
            place: draw.chance(40).then(|| draw.below(PLACES.len() as u64) as usize),
            has_point: draw.chance(300),
            topics: topics(&mut draw),
            edits: 0,
            latest: id,
            metrics: metrics(&mut draw),
            withheld: withheld(&mut draw),
            luck: draw.bits(),
        };
        if at.is_candidate() {
            self.relate(&mut post, &mut draw);
        }
        self.write(&mut post, &mut draw);
        post
    }

    /// Decides what a candidate answers, quotes and revises. Only slots before it.
    fn relate(&self, post: &mut Post, draw: &mut Draw) {
        let Some(back) = post.at.slot().checked_sub(1 + draw.below(7)) else { return };
        let kind = draw.below(100);
        if kind < 30 {
            let target = Position(back * SLOT + 1);
            post.references.push((Reference::RepliedTo, target));
            post.conversation = self.timeline.id(target);
            post.in_reply_to = Some(self.author(target));
        }
        if (25..45).contains(&kind) {
            post.references.push((Reference::Quoted, Position(back * SLOT + 2)));
        }
        if draw.chance(20) {
            post.edits = 1 + draw.below(2);
        }
    }

    fn write(&self, post: &mut Post, draw: &mut Draw) {
        let language = language(draw);
        post.lang = language.code;
        let long = draw.chance(40);
        let mut composer = Composer::default();
        if let Some(person) = post.in_reply_to {
            composer.mention(&self.people.username(person), person);
        }
        let tag_first = draw.chance(200);
        if tag_first && post.at.is_candidate() {
            self.tag(&mut composer, draw);
        }
        composer.plain(draw.word(language.phrases));
        self.decorate(&mut composer, post, draw);
        while long && composer.length() < 340 {
            composer.plain(draw.word(language.phrases));
        }
        if post.at.is_candidate() && (!tag_first || draw.chance(50)) {
            self.tag(&mut composer, draw);
        }
        self.attach(&mut composer, post);
        let whole = composer.finish();
        if whole.length > 280 {
            post.text = truncated(&whole, SHORT);
            post.note = Some(whole);
        } else {
            post.text = whole;
        }
    }

    fn tag(&self, composer: &mut Composer, draw: &mut Draw) {
        let sign = if draw.chance(30) { '＃' } else { '#' };
        composer.hashtag(sign, draw.word(&self.variants));
    }

    fn decorate(&self, composer: &mut Composer, post: &Post, draw: &mut Draw) {
        if draw.chance(200) {
            composer.plain(draw.word(SPICE));
        }
        if draw.chance(150) {
            let person = self.people.somebody(draw);
            composer.mention(&self.people.username(person), person);
        }
        if draw.chance(if post.at.rank() == 3 { 800 } else { 150 }) {
            composer.hashtag('#', draw.word(&self.others));
        }
        if draw.chance(20) {
            composer.cashtag(draw.word(CASHTAGS));
        }
        if draw.chance(150) {
            let (expanded, display, title) = *draw.pick(LINKS);
            let number = draw.below(100_000);
            let target = Target::Page(format!("{expanded}{number}"), display.to_owned(), title);
            composer.link(short_link(draw.bits()), target);
        }
    }

    /// The links that X itself appends: to the quoted post, to the picture.
    fn attach(&self, composer: &mut Composer, post: &Post) {
        for (how, target) in &post.references {
            if *how == Reference::Quoted {
                let name = self.people.username(self.author(*target));
                let id = self.timeline.id(*target);
                let expanded = format!("https://twitter.com/{name}/status/{id}");
                let target = Target::Post(expanded, format!("twitter.com/{name}/statu…"));
                composer.link(short_link(post.luck ^ 1), target);
            }
        }
        if let Some(media) = post.media.first() {
            let name = self.people.username(post.author);
            let what = if media.kind == MediaKind::Photo { "photo" } else { "video" };
            let expanded = format!("https://twitter.com/{name}/status/{}/{what}/1", post.id);
            let short = short_link(post.luck ^ 2);
            let display = short.replace("https://t.co/", "pic.twitter.com/");
            composer.link(short, Target::Media(expanded, display, media.key.clone()));
        }
    }
}

fn language(draw: &mut Draw) -> &'static Language {
    let mut luck = draw.below(100);
    for language in LANGUAGES {
        if luck < language.weight {
            return language;
        }
        luck -= language.weight;
    }
    &LANGUAGES[0]
}

fn media(id: u64, draw: &mut Draw) -> Vec<Media> {
    if !draw.chance(200) {
        return Vec::new();
    }
    let (kind, prefix, count) = match draw.below(100) {
        0..70 => (MediaKind::Photo, "3", 1 + draw.below(4)),
        70..80 => (MediaKind::Video, "7", 1),
        80..93 => (MediaKind::Video, "13", 1),
        _ => (MediaKind::Gif, "16", 1),
    };
    let first = id / 7;
    (0..count)
        .map(|nth| Media { key: format!("{prefix}_{}", first + nth), kind, luck: draw.bits() })
        .collect()
}

fn topics(draw: &mut Draw) -> Vec<usize> {
    if draw.chance(300) { vec![draw.below(TOPICS.len() as u64) as usize] } else { Vec::new() }
}

fn metrics(draw: &mut Draw) -> [u64; 6] {
    let likes = draw.skewed(14);
    let share = |draw: &mut Draw| draw.below(likes / 3 + 1);
    [
        share(draw),
        share(draw),
        likes,
        share(draw) / 4,
        share(draw) / 2,
        likes * (20 + draw.below(80)) + draw.below(50),
    ]
}

fn withheld(draw: &mut Draw) -> Option<Withheld> {
    draw.chance(5).then(|| Withheld {
        countries: if draw.chance(500) { vec!["DE"] } else { vec!["IN", "TR"] },
        has_scope: draw.chance(700),
    })
}

fn short_link(mut luck: u64) -> String {
    const SIGNS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut link = String::with_capacity(23);
    link.push_str("https://t.co/");
    for _ in 0..10 {
        link.push(char::from(SIGNS[(luck % 62) as usize]));
        luck /= 62;
    }
    link
}
