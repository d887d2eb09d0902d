import { describe, expect, test } from 'vitest';
import { NetworkError, ServiceError } from '../src/core/errors';
import { strings } from '../src/strings.zh';
import { Api } from '../src/transport/api';
import { jsonResponse } from './helpers';

const api = (answer: () => Promise<Response>): Api => new Api(answer as unknown as typeof fetch);

describe('the api', () => {
  test('hands over the service’s own words and the time to wait', async () => {
    const refused = api(async () =>
      jsonResponse(429, { error: { code: 'too_fast', message: '请稍等' } }, { 'Retry-After': '5' }),
    );
    await expect(refused.send('t', { client_id: 'c', text: 'x' })).rejects.toMatchObject({
      status: 429,
      message: '请稍等',
      retryAfter: 5,
    });
  });

  test.each([
    [413, strings.errors.tooLong],
    [429, strings.errors.tooFast],
    [502, strings.errors.unavailable],
    [400, strings.errors.refused],
  ])('has Chinese words for a bare %i from a proxy', async (status, words) => {
    const refused = api(async () => new Response('<html>', { status }));
    const error = await refused.open().catch((one: unknown) => one);
    expect(error).toBeInstanceOf(ServiceError);
    expect((error as ServiceError).message).toBe(words);
    expect((error as ServiceError).retryAfter).toBeNull();
  });

  test('calls no answer a network error', async () => {
    const silent = api(async () => {
      throw new TypeError('Failed to fetch');
    });
    await expect(silent.rate('t', 1, true)).rejects.toBeInstanceOf(NetworkError);
  });

  test('accepts an answer without a body', async () => {
    await expect(api(async () => jsonResponse(204, null)).rate('t', 1, true)).resolves.toBeUndefined();
  });
});
