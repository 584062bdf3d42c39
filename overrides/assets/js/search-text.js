/**
 * The form in which texts and queries are compared, with the offsets of its characters in the original: the same as
 * `normalise` in search/fold.py, which explains it. The search compares in it; marks on pages are found in it.
 */
(function () {
  'use strict';

  // The same lists as in search/fold.py, because regular expressions by script need ES2018.
  var SINGLE_RANGES = [
    0x3005, 0x3007, 0x3021, 0x3029, 0x3041, 0x3096, 0x30a1, 0x30fa, 0x3105, 0x312f, 0x3400, 0x4dbf, 0x4e00, 0x9fff,
    0xac00, 0xd7a3, 0xf900, 0xfaff, 0x20000, 0x3ffff
  ];
  var WORD_RANGES = [
    0x30, 0x39, 0x61, 0x7a, 0xc0, 0xd6, 0xd8, 0xf6, 0xf8, 0x24f, 0x370, 0x52f, 0x1e00, 0x1eff
  ];
  var SPACE_RANGES = [
    0x09, 0x09, 0x0b, 0x0d, 0x20, 0x20, 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029,
    0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000
  ];
  var DROPPED_RANGES = [
    0x00, 0x08, 0x0e, 0x1f, 0x7f, 0x84, 0x86, 0x9f, 0xad, 0xad, 0x300, 0x36f, 0x61c, 0x61c, 0x115f, 0x1160,
    0x17b4, 0x17b5, 0x180b, 0x180f, 0x1ab0, 0x1aff, 0x1dc0, 0x1dff, 0x200b, 0x200f, 0x202a, 0x202e, 0x2060, 0x206f,
    0x20d0, 0x20ff, 0x3164, 0x3164, 0xfe00, 0xfe0f, 0xfe20, 0xfe2f, 0xfeff, 0xfeff, 0xffa0, 0xffa0, 0xfff0, 0xfffb,
    0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0xe0000, 0xe0fff
  ];
  /** @type {Map<string, string>} */
  var NO_FOLDS = new Map();

  var archive = window.archive;
  if (archive.searchText) return;

  /** @param {number} code @param {number[]} ranges first and last of each */
  function inRanges(code, ranges) {
    for (var i = 0; i < ranges.length; i += 2) if (code >= ranges[i] && code <= ranges[i + 1]) return true;
    return false;
  }

  /** The code of a character. @param {string} c */
  function codeOf(c) { return /** @type {number} */ (c.codePointAt(0)); }

  /** @param {string | undefined} c */
  function isWord(c) { return c !== undefined && inRanges(codeOf(c), WORD_RANGES); }

  /** @param {string | undefined} c */
  function isDigit(c) { return c !== undefined && c >= '0' && c <= '9'; }

  /** One folded character for one. @param {number} code @param {Map<string, string>} folds */
  function foldOne(code, folds) {
    if (code >= 0xff01 && code <= 0xff5e) code -= 0xfee0;
    if (code >= 0x41 && code <= 0x5a) code += 0x20;
    var plain = String.fromCodePoint(code);
    return folds.get(plain) || plain;
  }

  /**
   * A text as it is compared: its characters, and where each begins and ends in the text, in its units.
   * @param {string} text
   * @param {Map<string, string>} [folds] the index's own; without them only width and capitals are folded
   * @returns {Search.Normal}
   */
  function normalise(text, folds) {
    var table = folds || NO_FOLDS;
    /** @type {Search.Normal} */
    var found = { chars: [], starts: [], ends: [] };
    /** @param {string} c @param {number} start @param {number} end */
    function add(c, start, end) {
      found.chars.push(c);
      found.starts.push(start);
      found.ends.push(end);
    }
    var space = -1;
    for (var at = 0, next; at < text.length; at = next) {
      var code = /** @type {number} */ (text.codePointAt(at));
      next = at + (code > 0xffff ? 2 : 1);
      if (inRanges(code, DROPPED_RANGES)) {
        // A mark stays with the letter that carries it.
        if (found.ends.length && space < 0) found.ends[found.ends.length - 1] = next;
      } else if (inRanges(code, SPACE_RANGES)) {
        if (space < 0) space = at;
      } else {
        var c = foldOne(code, table);
        if (space >= 0 && isWord(c) && isWord(found.chars[found.chars.length - 1])) add(' ', space, at);
        space = -1;
        add(c, at, next);
      }
    }
    return withoutGroups(text, found);
  }

  /** Without the commas that group digits: 1,800 but not 1998,1999. @param {string} text @param {Search.Normal} found */
  function withoutGroups(text, found) {
    var chars = found.chars;
    var groups = chars.map(function (c, i) {
      return c === ',' && text.charAt(found.starts[i]) === ',' && isDigit(chars[i - 1]) &&
        isDigit(chars[i + 1]) && isDigit(chars[i + 2]) && isDigit(chars[i + 3]) && !isDigit(chars[i + 4]);
    });
    if (groups.indexOf(true) < 0) return found;
    /** @param {unknown} _ @param {number} i */
    function stays(_, i) { return !groups[i]; }
    return { chars: chars.filter(stays), starts: found.starts.filter(stays), ends: found.ends.filter(stays) };
  }

  /** A text without what `normalise` drops even between words. @param {string} text */
  function visible(text) {
    return Array.from(text).filter(function (c) { return !inRanges(codeOf(c), DROPPED_RANGES); }).join('');
  }

  /**
   * Ranges of a text, in its units, that read like one of the words; the longest where they overlap.
   * @param {string} text
   * @param {string[]} words in normal form
   * @param {Map<string, string>} [folds] see `normalise`
   * @param {number} [most]
   * @returns {[number, number, string][]}
   */
  function occurrences(text, words, folds, most) {
    var normal = normalise(text, folds);
    var joined = normal.chars.join('');
    /** Which character begins at a unit of the joined text, where some have two. @type {Map<number, number>} */
    var begins = new Map();
    var wide = joined.length !== normal.chars.length;
    if (wide) normal.chars.reduce(function (at, c, i) { begins.set(at, i); return at + c.length; }, 0);
    /** @type {[number, number, string][]} */
    var ranges = [];
    words.forEach(function (word) {
      var size = Array.from(word).length;
      for (var at = word ? joined.indexOf(word) : -1; at >= 0; at = joined.indexOf(word, at + word.length)) {
        var first = wide ? begins.get(at) : at;
        if (first !== undefined) ranges.push([normal.starts[first], normal.ends[first + size - 1], word]);
        if (most && ranges.length >= most) break;
      }
    });
    ranges.sort(function (a, b) { return a[0] - b[0] || b[1] - a[1]; });
    var end = 0;
    return ranges.filter(function (range) {
      if (range[0] < end) return false;
      end = range[1];
      return true;
    });
  }

  archive.searchText = { normalise, visible, occurrences, inRanges, SINGLE_RANGES, WORD_RANGES };
})();
