"""What a stack costs a month: its own resources, at list prices, under a stated use."""
