"""The example operation: invented people, taken through the whole job by the same services the pages use."""
