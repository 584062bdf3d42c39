"""Films: storyboards drawn, filmed and captioned; camera files measured and made playable everywhere.

``storyboard`` is the model and the timing, ``pictures`` draws with typst, ``motion`` moves the camera, ``render``
makes a film of a storyboard, ``camera`` of a camera's file, ``media`` reads and writes films with PyAV, ``cache`` keeps
what was made, ``film`` brings them together for a site.
"""
