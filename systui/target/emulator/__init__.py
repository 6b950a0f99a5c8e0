"""A kernel image and one program on an emulated CPU: forwards, backwards, to any position."""
