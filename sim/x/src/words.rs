//! The words that posts are made of: invented phrases in many scripts, chosen for
//! what they do to programs (surrogate pairs, joiners, direction marks, quotes,
//! commas, line ends, spreadsheet formulas, markup). None was written by anyone.

/// A language code of X and phrases in it.
#[derive(Debug)]
pub struct Language {
    /// The `lang` of a post.
    pub code: &'static str,
    /// How many of a hundred posts use it.
    pub weight: u64,
    /// Whole phrases.
    pub phrases: &'static [&'static str],
}

/// Weights add up to 100.
pub const LANGUAGES: &[Language] = &[
    Language {
        code: "en",
        weight: 40,
        phrases: &[
            "three herons over the north marsh this morning",
            "the count is finished, and the numbers look odd",
            "has anybody measured this before? asking for the archive",
            "Cats & dogs, rain & wind: a <b>normal</b> Tuesday",
            "don't trust a chart without a zero line",
            "she said \"count them twice\", so we counted them twice",
            "new nets, same birds, better notes",
            "5 > 3 and 2 < 4, as every ringer knows",
        ],
    },
    Language {
        code: "es",
        weight: 10,
        phrases: &[
            "la migración empezó antes de lo previsto",
            "¿quién contó los pájaros de ayer?",
            "mañana será otro día, según el cuaderno",
        ],
    },
    Language {
        code: "ja",
        weight: 9,
        phrases: &[
            "朝の湿地は静かでした。",
            "渡り鳥を数えています",
            "カワセミ、三羽。ノートに書いた",
        ],
    },
    Language {
        code: "pt",
        weight: 5,
        phrases: &["a contagem começou às seis da manhã", "não há pássaros, só vento e água"],
    },
    Language {
        code: "ar",
        weight: 5,
        phrases: &[
            "الطيور تعبر الوادي صباحا",
            "من عدّ الطيور أمس؟",
            "\u{200F}سبعة طيور\u{200F} فوق النهر",
        ],
    },
    Language {
        code: "fr",
        weight: 5,
        phrases: &["l'étang est gelé, les foulques aussi", "où sont passées les hirondelles ?"],
    },
    Language {
        code: "de",
        weight: 5,
        phrases: &["die Zählung läuft über Nacht weiter", "große Vögel, kleine Straße, viel Wind"],
    },
    Language {
        code: "hi", weight: 3, phrases: &["आज सुबह नदी पर पक्षी थे", "गिनती फिर से शुरू हुई"]
    },
    Language {
        code: "tr",
        weight: 2,
        phrases: &["İstanbul'da leylekler göründü", "ışık az, kuşlar çok"],
    },
    Language {
        code: "ru",
        weight: 2,
        phrases: &["утром над озером были журавли", "считаем ещё раз"],
    },
    Language {
        code: "ko",
        weight: 2,
        phrases: &["오늘 아침 새를 세었습니다", "갈대밭은 조용했다"],
    },
    Language {
        code: "th", weight: 2, phrases: &["นกอพยพมาถึงแล้ว", "นับใหม่อีกครั้งพรุ่งนี้"]
    },
    Language { code: "in", weight: 2, phrases: &["burung datang lebih awal tahun ini"] },
    Language {
        code: "iw", weight: 1, phrases: &["הציפורים חזרו אל האגם", "ספרנו פעמיים"]
    },
    Language { code: "fa", weight: 1, phrases: &["پرنده\u{200C}ها برگشتند"] },
    Language { code: "el", weight: 1, phrases: &["οι ερωδιοί ήρθαν νωρίς"] },
    Language { code: "vi", weight: 1, phrases: &["đàn chim bay về phía nam"] },
    Language {
        code: "zh", weight: 2, phrases: &["湖上有三只白鹭", "𠮷野家旁邊的鳥"]
    },
    Language { code: "und", weight: 2, phrases: &["👀", "🪶 🪶 🪶", "…"] },
];

/// Things that break naive programs, put into one post of five.
pub const SPICE: &[&str] = &[
    "🐦",
    "👩‍👩‍👧‍👦",
    "🏴‍☠️ 🇺🇦",
    "👍🏽",
    "1️⃣",
    "e\u{0301}te\u{0301}",
    "=cmd|'/c calc'!A1",
    "+1 (555) 0100",
    "@",
    "a,b;c\td",
    "\"quoted, twice\"",
    "first line\nsecond line",
    "old line\r\nnew line",
    "carriage\rreturn",
    "\u{202E}reversed\u{202C}",
    "zero\u{200B}width",
    "&amp; written out",
    "'; DROP TABLE birds; --",
    "𝕭𝖎𝖗𝖉𝖘",
    "\u{2028}separated",
    "-5,0 °C",
];

/// Hashtags of other people, besides the simulator's own.
pub const OTHER_TAGS: &[&str] = &[
    "birding",
    "OpenScience",
    "migración",
    "café",
    "Straße",
    "天気",
    "पक्षी",
    "أخبار",
    "wetland2026",
    "data_ethics",
    "カワセミ",
    "ringing",
];

/// Cashtags, without `$`.
pub const CASHTAGS: &[&str] = &["BIRD", "NEST", "EGG.A", "REED"];

/// Path words of invented links.
pub const LINKS: &[(&str, &str, &str)] = &[
    ("https://example.org/counts/", "example.org/counts/", "Counting birds at dawn"),
    ("https://example.com/news?id=1&lang=en&n=", "example.com/news?id=1&lan…", "News & notes"),
    ("https://journal.example.net/articles/", "journal.example.net/articles/", "A journal of nets"),
    ("https://bücher.example/ä/", "bücher.example/ä/", "Bücher"),
];

/// First halves of user names.
pub const ADJECTIVES: &[&str] =
    &["quiet", "early", "grey", "Tidal", "north", "Reed", "dusty", "lucky", "late", "Salt"];

/// Second halves of user names.
pub const NOUNS: &[&str] =
    &["heron", "Wren", "avocet", "knot", "Siskin", "teal", "plover", "Owl", "crane", "swift"];

/// Display names, several of them hostile.
pub const NAMES: &[&str] = &[
    "Quiet Heron",
    "鷺",
    "طائر",
    "Wren, \"the loud one\"",
    "=HYPERLINK(\"x\")",
    "Grey & Grey",
    "🦉 Owl 🦉",
    "Zoë Plover",
    "птица",
    "Tidal\u{200D}Knot",
];

/// Where people say they are.
pub const LOCATIONS: &[&str] =
    &["the marsh", "東京", "São Paulo, Brasil", "Berlin & beyond", "القاهرة", "\u{1F30D}"];

/// A place that posts come from.
#[derive(Debug)]
pub struct Place {
    /// Sixteen hexadecimal digits.
    pub id: &'static str,
    /// Short name.
    pub name: &'static str,
    /// Name with what it lies in.
    pub full_name: &'static str,
    /// Country.
    pub country: &'static str,
    /// ISO code of the country.
    pub country_code: &'static str,
    /// city, admin, poi, …
    pub kind: &'static str,
    /// West, south, east, north.
    pub bounds: [f64; 4],
}

/// Where posts come from.
pub const PLACES: &[Place] = &[
    Place {
        id: "01a9a39529b27f36",
        name: "Manhattan",
        full_name: "Manhattan, NY",
        country: "United States",
        country_code: "US",
        kind: "city",
        bounds: [-74.026_675, 40.683_935, -73.910_408, 40.877_483],
    },
    Place {
        id: "3078869807f9dd36",
        name: "Berlin",
        full_name: "Berlin, Deutschland",
        country: "Deutschland",
        country_code: "DE",
        kind: "city",
        bounds: [13.088_309, 52.338_079, 13.760_909, 52.675_323],
    },
    Place {
        id: "68e019afec7d0ba5",
        name: "São Paulo",
        full_name: "São Paulo, Brasil",
        country: "Brasil",
        country_code: "BR",
        kind: "admin",
        bounds: [-46.826_039, -24.008_814, -46.365_052, -23.356_792],
    },
    Place {
        id: "09f6a7707f18e0b1",
        name: "上野公園",
        full_name: "上野公園, \"東京\"",
        country: "日本",
        country_code: "JP",
        kind: "poi",
        bounds: [139.770, 35.712, 139.776, 35.718],
    },
];

/// Topics that X attaches: domain id, domain, entity id, entity.
pub const TOPICS: &[(&str, &str, &str, &str)] = &[
    ("66", "Interests and Hobbies Category", "847521850317000705", "Birdwatching"),
    ("131", "Unified Twitter Taxonomy", "1007361429752594432", "Open data"),
    ("29", "Events [Entity Service]", "1186637514896920576", "Autumn migration"),
];
