"""Figures: today's board, reports by period, and the 热线专报."""
