/**
 * Types of what the scripts share; only for checking them (`npm run types`), never part of a site.
 *
 * Scripts share one global, `window.archive`: each that offers something adds one member, and none replaces another's.
 * Two more globals are how data files hand themselves over, in forms that editions already in use read as well.
 */

interface Window {
  archive: Archive;
  /** Called by every data file with its name, its payload and, for packed ones, their sum; loader.js receives it. */
  archiveData: (name: string, payload: unknown, sum?: number) => void;
  /** Set by `current.js` of a kiosk's folder. */
  archiveCurrent?: Kiosk.Current;
}

/** Members are there when a page's scripts have run in order; those with `?` are not on every page. */
interface Archive {
  /** The clock, where a test sets another: milliseconds as of `Date.now()`. */
  now?: () => number;
  view?: View;
  loader: Loader;
  calendar: Calendar;
  filters: Filters;
  searchBox: SearchBox;
  searchText: Search.TextScript;
  searchIndex: Search.IndexScript;
  searchTerms: Search.TermsScript;
  search: Search.Engine;
  deck?: Deck.Controls;
  /** Back to the folder's door, which trusts no edition now. */
  door: () => void;
  check?: Kiosk.Check;
  counters: Kiosk.Counters;
  kiosk: Kiosk.Shell;
  kioskPage: Kiosk.Page;
  /** The rows of a QR code, true for dark; null for a text that is too long. */
  qrCode: (text: string) => boolean[][] | null;
  reel: (box: HTMLElement) => Kiosk.Reel;
}

interface View {
  /** An address within the site, with the chosen views in its hash where they would be lost. */
  carry: (address: string) => string;
  choose: (name: ViewName, on: boolean) => void;
}
type ViewName = 'dark' | 'large';

interface Loader {
  /** Way to the site's root, empty or ending in a slash. */
  base: string;
  /** The payload of a data file, which is kept; `path` relative to the root. Fails with a LoadError. */
  load: (path: string) => Promise<unknown>;
  /** The payload of the data file called `name` at `path`, read anew. Fails with a LoadError. */
  read: (path: string, name: string) => Promise<unknown>;
  /** Run a script. Fails with a LoadError. */
  script: (path: string) => Promise<void>;
}
/** Says which file failed, and how: missing, damaged or slow. */
interface LoadError extends Error {
  path: string;
  how: string;
}

interface Calendar {
  /** The moment in China, to be read with the UTC getters. */
  now: () => Date;
  /** The solar term under way; `days` by year: the two-digit days on which terms begin, two a month. */
  term: (days: Record<string, string>) => { name: string; start: Date } | null;
}

interface Filters {
  /** An element with attributes, of which null is left out, and children. */
  make: <K extends keyof HTMLElementTagNameMap>(
    tag: K, attributes: Record<string, string | null>, children?: (Node | string)[]
  ) => HTMLElementTagNameMap[K];
  /** Fill a box with groups of values. */
  show: (box: HTMLElement, groups: FilterGroup[], change: (name: string, value: string, chosen: boolean) => void) => void;
  /** Say what is chosen, above the list; `none` is the address of the list with nothing chosen. */
  say: (box: HTMLElement, chosen: ChosenValue[], none: string) => void;
}
interface FilterGroup {
  name: string;
  label: string;
  /** Folded until it is opened. */
  shut: boolean;
  values: FilterValue[];
}
interface FilterValue {
  value: string;
  label: string;
  count: number;
  chosen: boolean;
}
/** A chosen value, with the address of the list without it. */
interface ChosenValue {
  label: string;
  without: string;
}

interface SearchBox {
  /** The search engine, whose scripts are loaded when it is first asked for. */
  engine: () => Promise<Search.Engine>;
}

declare namespace Search {
  interface Phrase {
    text: string;
    quoted: boolean;
    excluded: boolean;
  }
  /** A text as it is compared: its characters, and where each begins and ends in the original. */
  interface Normal {
    chars: string[];
    starts: number[];
    ends: number[];
  }
  interface TextScript {
    SINGLE_RANGES: number[];
    WORD_RANGES: number[];
    inRanges: (code: number, ranges: number[]) => boolean;
    normalise: (text: string, folds?: Map<string, string>) => Normal;
    visible: (text: string) => string;
    occurrences: (text: string, words: string[], folds?: Map<string, string>, most?: number) => [number, number, string][];
  }
  /** How a document has a phrase: bits of the classes of field it is in, and how often. */
  interface Match {
    classes: number;
    count: number;
  }
  /** Documents by number. */
  type Matches = Map<number, Match>;
  type Scores = Map<number, number>;

  /** Where a key occurs: positions when dense, else documents with their classes of field. */
  interface Postings {
    dense: boolean;
    values: Uint32Array;
    classes: Uint8Array;
  }
  /** Null: the key does not occur. Undefined: its file cannot be had. */
  type Lookup = Promise<Postings | null | undefined>;
  /** Part of a phrase that was looked up, `at` characters from its start. */
  interface Known {
    at: number;
    list: Postings | null;
  }
  /** A run of single characters, or a word, `at` characters from the text's start. */
  interface Piece {
    kind: 'run' | 'word';
    at: number;
    chars: string[];
  }
  /** What to look up: a word, the character `a`, or the pair `a` `b`; `cost` in kilobytes. */
  interface Need {
    family: 'words' | 'chars' | 'pairs';
    at: number;
    cost: number;
    a: string;
    b: string;
    word: string;
  }

  /** What the manifest says of a segment. */
  interface SegmentInfo {
    documents: number;
    /** Up to so many documents of a pair are kept without positions. */
    rare: number;
    parameters: number[];
    /** Bits and number of files of each family. */
    families: Record<string, [number, number]>;
    /** Hash in the name of the file. */
    tables: string;
  }
  interface Overlay extends SegmentInfo {
    /** Documents of the base that are gone or edited. */
    masked: number[];
    /** Numbers of its own documents in the whole index. */
    numbers: number[];
  }
  interface Manifest extends SegmentInfo {
    /** Positions in a slot. */
    slot: number;
    /** Cards in a file. */
    cards: number;
    /** Hashes in the names of files, which are about all segments. */
    facets: string;
    pinyin: string;
    overlay?: Overlay;
  }
  /** Hashes of files, columns of documents, characters folded and to what, sizes of text files, large pair files. */
  type Tables = [string, string, string, string, string, string];
  /** Part of an index that was built at once. */
  interface Segment {
    documents: number;
    rare: number;
    /** Positions in all. */
    size: number;
    /** Slots of each document, and where they begin. */
    slots: Uint32Array;
    starts: Uint32Array;
    /** Document of each slot. */
    owner: Uint32Array;
    /** For each class of field, the positions it takes in each document. */
    rooms: Uint32Array[];
    folds: Map<string, string>;
    textStarts: number[];
    /** Kilobytes of pair files that are large. */
    large: Map<number, number>;
    names: Record<string, { bits: number; first: number }>;
    hashes: string;
    /** Number in the whole index of each document, -1 for those that are masked. */
    numbers: Int32Array;
  }
  /** Where a document of the whole index is. */
  interface Home {
    segment: Segment;
    number: number;
  }
  /** All segments as one; what is the same in both is explained in `Segment`. */
  interface Index {
    manifest: Manifest;
    segments: Segment[];
    homes: Home[];
    /** The segment that names the files of terms. */
    terms: Segment;
    documents: number;
    slots: Uint32Array;
    starts: Uint32Array;
    owner: Uint32Array;
    rooms: Uint32Array[];
    meanSlots: number;
    folds: Map<string, string>;
  }

  /** Name, text and, in captions, the time in seconds. */
  type Field = [string, string, number?];
  /** Id, address where it is not the id's, title, kind, fields beside the title. */
  type Record = [string, string, string, string, Field[]?];

  interface BitReader {
    read(width: number): number;
    rice(parameter: number): number;
    gamma(): number;
  }
  /** Names of files that could not be read are added to `faults`. */
  interface IndexScript {
    Bits: new (text: string) => BitReader;
    riceParameter: (universe: number, count: number) => number;
    index: () => Promise<Index>;
    shard: (segment: Segment, family: string, number: number, faults: string[]) => Promise<unknown>;
    foldChars: (ix: Index, text: string) => string[];
    pieces: (chars: string[]) => Piece[];
    parse: (query: string) => Phrase[];
    pairList: (ix: Index, a: string, b: string, faults: string[]) => Lookup;
    wordHash: (word: string) => number;
    wordList: (ix: Index, word: string, faults: string[]) => Lookup;
    findPhrase: (ix: Index, phrase: Phrase, faults: string[], checkAll: boolean) => Promise<Matches>;
    trimmed: (chars: string[]) => string[];
    combine: (ix: Index, known: { at: number; list: Postings }[]) => Matches;
    texts: (ix: Index, documents: number[], faults: string[]) => Promise<Map<number, Record>>;
    cards: (ix: Index, documents: number[], faults: string[]) => Promise<Map<number, Record>>;
    recordFields: (record: Record) => Field[];
  }

  /** A term of the dictionary. */
  interface Term {
    text: string;
    kind: string;
    /** Place of the kind among kinds. */
    order: number;
    /** Entries that have it. */
    count: number;
    syllables: string[];
    /** Filed under the whole of what spells it. */
    whole: boolean;
    /** How well it fits what was typed; 0 not at all. */
    match: number;
  }
  /** The usual syllable of each character, and all syllables. */
  interface Readings {
    of: Map<string, string>;
    all: Set<string>;
  }
  interface TermsScript {
    spelledTerms: (ix: Index, query: string, faults: string[]) => Promise<Term[]>;
    nearTerms: (ix: Index, query: string, faults: string[]) => Promise<Term[]>;
  }

  interface FacetTable {
    name: string;
    values: { value: string; documents: Set<number> }[];
  }
  interface Facet {
    name: string;
    values: { value: string; count: number; chosen: boolean }[];
  }
  /** Text, and whether it is marked. */
  type Part = [string, boolean];
  interface Hit {
    id: string;
    url: string;
    /** The address with the words to mark and the time to play from. */
    link: string;
    title: string;
    kind: string;
    /** Only where few hits were asked for. */
    titleParts?: Part[];
    excerpt?: Part[];
    words?: string[];
    time?: number;
  }
  interface Options {
    limit?: number;
    offset?: number;
    sort?: string;
    /** Chosen values by facet. */
    filters?: { [facet: string]: string[] };
    facets?: boolean;
  }
  interface Result {
    query: string;
    total: number;
    hits: Hit[];
    facets: Facet[];
    /** Files that could not be read. */
    faults: string[];
    /** Terms that were searched for because the query is pinyin, and how many more there are. */
    via: string[];
    viaMore: number;
    /** Terms like the query, where nothing is found. */
    nearest: string[];
    /** Hits that have part of the query. */
    near: Hit[];
  }
  interface Suggestion {
    text: string;
    kind: string;
  }
  interface Engine {
    find: (query: string, options?: Options) => Promise<Result>;
    /** Terms for what is being typed, best first. */
    suggest: (query: string, limit?: number) => Promise<Suggestion[]>;
    /** Numbers of all documents found, for tests and measurements. */
    numbers: (query: string) => Promise<number[]>;
    /** Read manifest and tables ahead of the first question. */
    warm: () => Promise<unknown>;
  }
}

declare namespace Deck {
  interface State {
    at: number;
    count: number;
    black: boolean;
    ratio: string;
    /** When the talk began, in milliseconds; 0 before. */
    begun: number;
  }
  interface Controls {
    go: (number: number, focus?: boolean) => void;
    /** What each key does; deck-presenter.js adds its own. */
    keys: Record<string, () => void>;
    bar: HTMLElement;
    slides: HTMLElement[];
    say: (text: string) => void;
    /** Have a function called at every change, and now. */
    watch: (listener: (state: State) => void) => void;
  }
}

declare namespace Kiosk {
  /** Ids of the edition shown and the one before. */
  interface Current {
    id?: string;
    previous?: string | null;
  }
  interface Check {
    /** Files of the edition at `base`, a folder ending in a slash, that are missing or not whole. */
    run: (base: string, progress?: (done: number, of: number) => void) => Promise<string[]>;
    /** All its files, by its own list. */
    list: (base: string) => Promise<string[]>;
  }
  interface Counters {
    csv: () => string;
    sums: () => [string, number][];
    lines: (most: number) => string;
    clear: () => void;
  }
  /** A place in a visit: address, how far down, what was searched for and how many were shown. */
  interface Place {
    url: string;
    top: number;
    words: string;
    many: number;
  }
  interface Settings {
    /** Seconds without a touch before the screen asks. */
    idle: number;
    pin: string;
    reel: Piece[];
  }
  interface Shell {
    base: string;
    enter: (url?: string) => void;
    reset: () => void;
    /** Whether staff are at the screen. */
    attended: boolean;
    setVolume: (value: number) => void;
    state: () => string | null;
    settings: Settings;
  }
  interface Page {
    /** Tell the shell something. */
    say: (what: string, more?: object) => void;
    /** Have what is searched for and how many are shown there again after the way back. */
    keep: (words: string, many: number) => void;
  }
  interface Film {
    kind: 'film';
    title: string;
    /** Addresses of the wide and the tall film; empty for none. */
    wide: string;
    tall: string;
    /** Start, end and words. */
    cues: [number, number, string][];
    term?: string;
  }
  interface Card {
    kind: 'card';
    title: string;
    text: string;
    source: string;
    seconds: number;
    term?: string;
  }
  type Piece = Film | Card;
  interface Reel {
    /** Play round and round: pieces, or what gives those of the hour. */
    play: (what: Piece[] | (() => Piece[])) => void;
    stop: () => void;
  }
  interface Programme {
    hours: [number, number];
    weekdays: number[];
    terms: string[];
    reel: Piece[];
  }
  /** What a page in the frame says. */
  interface Message {
    kiosk: string;
    url?: string;
    phone?: boolean;
    top?: number;
    words?: string;
    many?: number;
    id?: string;
    term?: string;
  }
  /** What the shell says. */
  interface Order {
    top?: string;
    place?: Place;
    phone?: boolean;
    volume?: number;
    large?: boolean;
  }
}

interface DocumentEventMap {
  'kiosk:enter': CustomEvent;
  'kiosk:reset': CustomEvent;
  'kiosk:here': CustomEvent<{ touch?: boolean }>;
  'kiosk:page': CustomEvent<{ url: string }>;
  'kiosk:film': CustomEvent<{ id: string }>;
  'kiosk:miss': CustomEvent<{ term: string }>;
  'kiosk:words': CustomEvent<{ words: string; many: number }>;
}
