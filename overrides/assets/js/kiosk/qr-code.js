/**
 * A QR code made on the screen: `archive.qrCode(text)` gives its rows of true and false, or null for a text that is too
 * long. ISO/IEC 18004, version 10, level L, mask 3, bytes: one size serves all that staff take away, up to 271 bytes.
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});

  var SIZE = 57;
  var ALIGNED = [6, 28, 50];
  /** Blocks of data bytes, and check bytes of each. */
  var BLOCKS = [68, 68, 69, 69];
  var CHECKS = 18;
  var MOST = 271;
  /** Level L and mask 3, version 10, with their check bits (annexes C and D). */
  var FORMAT = bch(1 << 3 | 3, 10, 0x537) ^ 0x5412;
  var VERSION = bch(10, 12, 0x1f25);

  /** @param {number} value @param {number} bits @param {number} generator */
  function bch(value, bits, generator) {
    var rest = value << bits;
    for (var at = 31 - Math.clz32(rest); at >= bits; at--) if (rest >> at & 1) rest ^= generator << (at - bits);
    return value << bits | rest;
  }

  // ---- check bytes: Reed and Solomon over the field of 256 ---------------------------------------------------------

  /** @param {number} a @param {number} b */
  function times(a, b) {
    var product = 0;
    for (var bit = 7; bit >= 0; bit--) {
      product = product << 1 ^ (product >> 7) * 0x11d;
      product ^= (b >> bit & 1) * a;
    }
    return product;
  }

  function generator() {
    var poly = [1];
    for (var n = 0, root = 1; n < CHECKS; n++, root = times(root, 2)) {
      var next = poly.concat([0]);
      for (var i = 0; i < poly.length; i++) next[i + 1] ^= times(poly[i], root);
      poly = next;
    }
    return poly;
  }

  /** @param {number[]} block @param {number[]} poly */
  function checks(block, poly) {
    var rest = block.concat(new Array(CHECKS).fill(0));
    for (var i = 0; i < block.length; i++) {
      var lead = rest[i];
      for (var j = 0; lead && j < poly.length; j++) rest[i + j] ^= times(poly[j], lead);
    }
    return rest.slice(block.length);
  }

  /** Mode, length, bytes and padding, in blocks, woven. @param {number[]} bytes */
  function codewords(bytes) {
    /** @type {number[]} */
    var bits = [];
    /** @param {number} value @param {number} length */
    function put(value, length) { for (var i = length - 1; i >= 0; i--) bits.push(value >> i & 1); }
    put(4, 4);
    put(bytes.length, 16);
    bytes.forEach(function (byte) { put(byte, 8); });
    put(0, 4);
    /** @type {number[]} */
    var data = [];
    for (var i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(''), 2));
    var all = BLOCKS.reduce(function (sum, size) { return sum + size; }, 0);
    for (var pad = 0; data.length < all; pad++) data.push(pad % 2 ? 0x11 : 0xec);
    var poly = generator();
    var at = 0;
    var blocks = BLOCKS.map(function (size) { at += size; return data.slice(at - size, at); });
    /** @type {number[]} */
    var woven = [];
    [blocks, blocks.map(function (block) { return checks(block, poly); })].forEach(function (group) {
      for (var n = 0; n < BLOCKS[BLOCKS.length - 1]; n++) group.forEach(function (part) { if (n < part.length) woven.push(part[n]); });
    });
    return woven;
  }

  // ---- the picture -------------------------------------------------------------------------------------------------

  /** What never changes: finders, timing, alignment, version and format. Cells without a value are for data. */
  function ground() {
    /** @type {(boolean | null)[][]} */
    var rows = [];
    for (var y = 0; y < SIZE; y++) rows.push(new Array(SIZE).fill(null));
    /** @param {number} cx @param {number} cy */
    function finder(cx, cy) {
      for (var dy = -4; dy <= 4; dy++) for (var dx = -4; dx <= 4; dx++) {
        var ring = Math.max(Math.abs(dx), Math.abs(dy));
        if (rows[cy + dy] && cx + dx >= 0 && cx + dx < SIZE) rows[cy + dy][cx + dx] = ring !== 2 && ring !== 4;
      }
    }
    for (var i = 0; i < SIZE; i++) rows[6][i] = rows[i][6] = i % 2 === 0;
    finder(3, 3);
    finder(SIZE - 4, 3);
    finder(3, SIZE - 4);
    ALIGNED.forEach(function (cy) {
      ALIGNED.forEach(function (cx) {
        if ((cx === 6 && cy === 6) || (cx === 6 && cy === 50) || (cx === 50 && cy === 6)) return;
        for (var dy = -2; dy <= 2; dy++) for (var dx = -2; dx <= 2; dx++) {
          rows[cy + dy][cx + dx] = Math.max(Math.abs(dx), Math.abs(dy)) !== 1;
        }
      });
    });
    for (var v = 0; v < 18; v++) {
      rows[SIZE - 11 + v % 3][Math.floor(v / 3)] = rows[Math.floor(v / 3)][SIZE - 11 + v % 3] = Boolean(VERSION >> v & 1);
    }
    for (var f = 0; f < 15; f++) {
      var on = Boolean(FORMAT >> f & 1);
      if (f < 6) rows[f][8] = on; else if (f < 8) rows[f + 1][8] = on; else rows[SIZE - 15 + f][8] = on;
      if (f < 8) rows[8][SIZE - 1 - f] = on; else if (f < 9) rows[8][7] = on; else rows[8][14 - f] = on;
    }
    rows[SIZE - 8][8] = true;
    return rows;
  }

  archive.qrCode = function (text) {
    var bytes = Array.from(new TextEncoder().encode(text));
    if (bytes.length > MOST) return null;
    var words = codewords(bytes);
    var rows = ground();
    var bit = 0;
    for (var right = SIZE - 1; right > 0; right -= 2) {
      if (right === 6) right = 5;
      var upward = (right + 1 & 2) === 0;
      for (var step = 0; step < SIZE; step++) {
        var y = upward ? SIZE - 1 - step : step;
        for (var x = right; x > right - 2; x--) {
          if (rows[y][x] !== null) continue;
          var dark = bit < words.length * 8 && Boolean(words[bit >> 3] >> (7 - (bit & 7)) & 1);
          bit++;
          rows[y][x] = dark !== ((x + y) % 3 === 0);
        }
      }
    }
    return /** @type {boolean[][]} */ (rows);
  };
})();
