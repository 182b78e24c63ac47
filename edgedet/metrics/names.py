"""The names of all numbers that an evaluation reports, each group in the order it is shown."""

# As pycocotools has them: overlaps of .5 to .95, .5 and .75; objects by size; best recall.
COCO = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar100")
# WIDER FACE's official settings.
WIDER_FACE_SETTINGS = ("easy", "medium", "hard")
# Faces whose longer side is at least this share of the longer side of their image.
LARGE_FACES = {"ap50_10pct": 0.1, "ap50_20pct": 0.2}
WIDER_FACE = (*WIDER_FACE_SETTINGS, *LARGE_FACES)
# By the distance of centres.
POINTS = ("pd", "false_alarms")
# Of the sides of detections, for models that say how sure they are of each.
BOX_STD = ("box_std_coverage", "box_std_rank_correlation")
# Of tracks; `compute` is the share of the multiplications of computing every frame in full.
TRACKING = ("ap50", "mota", "idf1", "idsw", "compute")
