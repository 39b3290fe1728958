//! oO: candidate generator behind an OpenAI-shaped API.
