"""Trainings in the background: folders, queue, workers."""
