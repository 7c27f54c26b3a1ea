//! Probes media, drives FFmpeg and executes plans.
