// Placeholder so that the manifest loads; replaced by the first real file of this target.
