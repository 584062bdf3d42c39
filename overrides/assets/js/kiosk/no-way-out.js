/** What every window of a touch screen refuses: menus, dragging, pinching, and keys that lead out of it. */
(function () {
  'use strict';

  var KEYS = ['Tab', 'Enter', ' ', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End', 'Backspace', 'Delete'];

  ['contextmenu', 'dragstart', 'gesturestart'].forEach(function (name) {
    document.addEventListener(name, function (event) { event.preventDefault(); });
  });
  document.addEventListener('touchmove', function (event) {
    if (event.touches.length > 1) event.preventDefault();
  }, { passive: false });
  document.addEventListener('wheel', function (event) { if (event.ctrlKey) event.preventDefault(); }, { passive: false });
  window.addEventListener('keydown', function (event) {
    if (event.altKey && event.key === 'F4') return; // the way out for staff, who bring a keyboard
    var writing = event.key.length === 1 && event.target instanceof HTMLInputElement;
    if (event.altKey || event.ctrlKey || event.metaKey || (!writing && KEYS.indexOf(event.key) < 0)) event.preventDefault();
  }, true);
})();
