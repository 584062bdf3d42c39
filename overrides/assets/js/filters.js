/**
 * Filters as readers see them, for lists and for search results: groups of boxes with counts, folded behind one line
 * where they would stand above the list, and what is chosen said above the list, each with a way to let it go.
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});
  if (archive.filters) return;

  /**
   * An element with attributes and children; an attribute that is null is left out.
   * @template {keyof HTMLElementTagNameMap} K
   * @param {K} tag
   * @param {Record<string, string | null>} attributes
   * @param {(Node | string)[]} [children]
   * @returns {HTMLElementTagNameMap[K]}
   */
  function make(tag, attributes, children) {
    var element = document.createElement(tag);
    Object.keys(attributes).forEach(function (name) {
      var value = attributes[name];
      if (value !== null) element.setAttribute(name, value);
    });
    (children || []).forEach(function (child) { element.append(child); });
    return element;
  }

  /**
   * Fill a box with groups of values. What was open stays open, and what had the focus keeps it.
   * @param {HTMLElement} box
   * @param {FilterGroup[]} groups
   * @param {(name: string, value: string, chosen: boolean) => void} change
   */
  function show(box, groups, change) {
    var focused = document.activeElement && document.activeElement.id;
    /** @type {Record<string, boolean>} */
    var opened = {};
    box.querySelectorAll('details').forEach(function (group) { opened[group.id] = group.open; });
    box.textContent = '';
    box.hidden = !groups.length;
    box.removeAttribute('data-coming');
    if (!groups.length) return;
    // Stacked above the list, all lie behind one line. Asked of the layout, which the large view changes too.
    var stacked = box.offsetWidth > /** @type {HTMLElement} */ (box.parentElement).offsetWidth * 0.6;
    var room = stacked ? make('details', { id: 'filters', class: 'filters__all' }, [make('summary', {}, ['筛选'])]) : box;
    groups.forEach(function (group) {
      var id = 'filters-' + group.name;
      var some = group.values.some(function (value) { return value.chosen; });
      var details = make('details', { class: 'filters__group', id: id }, [make('summary', {}, [group.label])]);
      details.open = opened[id] !== undefined ? opened[id] : !stacked && (some || !group.shut);
      details.append(make('div', { class: 'filters__values', role: 'group', 'aria-label': group.label }, group.values.map(function (value) {
        var check = make('input', { type: 'checkbox', value: value.value, id: id + '-' + value.value });
        check.checked = value.chosen;
        check.addEventListener('change', function () { change(group.name, value.value, check.checked); });
        return make('label', {}, [check, make('span', {}, [value.label]), make('span', { class: 'filters__count' }, [String(value.count)])]);
      })));
      room.append(details);
    });
    if (room !== box) {
      /** @type {HTMLDetailsElement} */ (room).open = Boolean(opened.filters);
      box.append(room);
    }
    var again = focused && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
  }

  /**
   * Say what is chosen, above the list.
   * @param {HTMLElement} box
   * @param {ChosenValue[]} chosen
   * @param {string} none address of the list with nothing chosen
   */
  function say(box, chosen, none) {
    box.textContent = '';
    box.hidden = !chosen.length;
    if (!chosen.length) return;
    box.append('已选');
    chosen.forEach(function (item) {
      box.append(make('a', { href: item.without, 'aria-label': '去掉' + item.label }, [item.label, make('span', { 'aria-hidden': 'true' }, ['×'])]));
    });
    box.append(make('a', { class: 'filters__clear', href: none }, ['清除筛选']));
  }

  archive.filters = { make: make, show: show, say: say };
})();
