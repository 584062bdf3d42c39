/** The calendar, which is China's whatever the clock's zone: `archive.calendar.now()` and `archive.calendar.term(days)`. */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});

  var TERMS = '小寒 大寒 立春 雨水 惊蛰 春分 清明 谷雨 立夏 小满 芒种 夏至 小暑 大暑 立秋 处暑 白露 秋分 寒露 霜降 立冬 小雪 大雪 冬至'.split(' ');

  /** The moment in China, to be read with the UTC getters. */
  function now() {
    return new Date((archive.now ? archive.now() : Date.now()) + 8 * 3600000);
  }

  /**
   * The solar term under way and the day it began.
   * @param {Record<string, string>} days by year: the two-digit days on which the terms begin, two a month
   */
  function term(days) {
    var today = now();
    var year = today.getUTCFullYear();
    var found = /** @type {{name: string, start: Date} | null} */ (null);
    [year - 1, year].forEach(function (y) {
      if (!days[y]) return;
      TERMS.forEach(function (name, n) {
        var start = Date.UTC(y, Math.floor(n / 2), Number(days[y].substr(n * 2, 2)));
        if (start <= today.getTime()) found = { name: name, start: new Date(start) };
      });
    });
    return found;
  }

  archive.calendar = { now: now, term: term };
})();
