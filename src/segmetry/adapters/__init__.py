"""Programs of others as segmenters, where the user has installed them.

Each module here is named like the package that it needs, and imports it only when a
picture is segmented. The entry-point group "segmetry.segmenters" names them; the registry
leaves out those whose package is not installed.
"""
