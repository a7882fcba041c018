//! The universe: everything that can be computed, and how a post comes about.
//!
//! A candidate (rank 0) carries the simulator's hashtag exactly as X would match it:
//! in any case, with or without diacritics, after `#` or `＃`, in the text or only in
//! the part of a long post that `text` cuts off. Neighbours are what candidates refer
//! to: rank 1 is replied to, rank 2 is quoted, rank 3 is a bystander with other tags.
//! A post refers only to older slots, and nothing here depends on anything asked before.

use super::draw::{Draw, Purpose, hash};
use super::people::{People, Standing};
use super::post::{Availability, Media, MediaKind, Post, Reference, Withheld};
use super::text::{Composed, Composer, Target, folded, truncated};
use super::timeline::{Position, SLOT, Timeline};
use super::words::{CASHTAGS, LANGUAGES, LINKS, Language, OTHER_TAGS, PLACES, SPICE, TOPICS};

/// Code points of `text` kept of a long post, before the ellipsis.
const SHORT: usize = 276;

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
        let short = short_link(post.luck ^ 2);
        for (nth, media) in post.media.iter().enumerate() {
            let target = self.media_target(post, media, &short);
            if nth == 0 {
                composer.link(short.clone(), target);
            } else {
                composer.also(target);
            }
        }
    }

    fn media_target(&self, post: &Post, media: &Media, short: &str) -> Target {
        let name = self.people.username(post.author);
        let what = if media.kind == MediaKind::Photo { "photo" } else { "video" };
        let expanded = format!("https://twitter.com/{name}/status/{}/{what}/1", post.id);
        let display = short.replace("https://t.co/", "pic.twitter.com/");
        Target::Media(expanded, display, media.key.clone())
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
