// Tests of the C face.
