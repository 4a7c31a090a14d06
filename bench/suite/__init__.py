"""What is measured, one file each. A bench is a function that takes a `Setting` and returns its
`Figure`s."""
