"""The plug-in for napari: runs and projects are opened, corrected there, and sent back.

`napari.yaml` tells napari what there is. This room is thin: it turns what the other rooms
have into layers, and layers into what they take.
"""
