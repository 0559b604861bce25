// Placeholder so that the manifest loads; replaced by the first real test of this target.
