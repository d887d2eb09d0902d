/** What the framed page says to the script around it. */
export const EMBED_READY = 'hotline12345:ready';
export const EMBED_CLOSE = 'hotline12345:close';
export const EMBED_NEWS = 'hotline12345:news';
