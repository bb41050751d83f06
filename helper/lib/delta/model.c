// SPDX-License-Identifier: LGPL-2.1-or-later
/* Adaptive probabilities, their mixture, and numbers made of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/model.h"

/* The logistic domain ends at +-12, probabilities at 6 in a million. */
#define STRETCH_MAX	(12 * 256)
/* e^(1/256), 2.62 fixed point */
#define STEP		4629735647166717429ull

static uint16_t squash_table[2 * STRETCH_MAX + 1];
int16_t cx_stretch_table[4096];
int16_t cx_stretch_low[4096];
uint32_t cx_reciprocal[CX_PROB_COUNT_MAX + 1];

/* 65536 / (1 + e^(-x/256)); the powers are 20.44 fixed point. */
static void make_squash(void)
{
	uint64_t one = 1ull << 44, power = one;

	for (int x = 0; x <= STRETCH_MAX; x++) {
		uint32_t down = (uint32_t)((1ull << 60) / (one + power));

		squash_table[STRETCH_MAX - x] = (uint16_t)(down ? down : 1);
		squash_table[STRETCH_MAX + x] = (uint16_t)(65536 - (down ? down : 1));
		power = (uint64_t)((unsigned __int128)power * STEP >> 62);
	}
}

/* The least x whose squash is not below p */
static int16_t unsquash(uint32_t p)
{
	int low = 0, high = 2 * STRETCH_MAX;

	while (low < high) {
		int middle = (low + high) / 2;

		if (squash_table[middle] < p)
			low = middle + 1;
		else
			high = middle;
	}
	return (int16_t)(low - STRETCH_MAX);
}

void cx_model_init(void)
{
	make_squash();
	for (uint32_t i = 0; i < 4096; i++) {
		cx_stretch_table[i] = unsquash(i * 16 + 8);
		cx_stretch_low[i] = unsquash(i);
	}
	for (uint32_t i = 0; i <= CX_PROB_COUNT_MAX; i++)
		cx_reciprocal[i] = (65536 * 2) / (2 * i + 3);
}

static uint32_t squash(int64_t x)
{
	if (x > STRETCH_MAX)
		x = STRETCH_MAX;
	if (x < -STRETCH_MAX)
		x = -STRETCH_MAX;
	return squash_table[x + STRETCH_MAX];
}

unsigned int cx_prob_bit(struct cx_coder *c, cx_prob *p, unsigned int bit)
{
	bit = cx_coder_bit(c, bit, cx_prob_get(*p));
	cx_prob_learn(p, bit);
	return bit;
}

int cx_mixer_init(struct cx_mixer *m, unsigned int sets, int32_t first, int rate)
{
	memset(m, 0, sizeof(*m));
	m->weights = malloc(sizeof(*m->weights) * sets * CX_MIX_INPUTS);
	if (!m->weights)
		return -ENOMEM;
	for (size_t i = 0; i < (size_t)sets * CX_MIX_INPUTS; i++)
		m->weights[i] = first;
	m->rate = rate;
	return 0;
}

void cx_mixer_free(struct cx_mixer *m)
{
	free(m->weights);
	memset(m, 0, sizeof(*m));
}

unsigned int cx_mixer_bit(struct cx_mixer *m, struct cx_coder *c,
			  unsigned int set, unsigned int bit)
{
	int32_t *w = m->weights + (size_t)set * CX_MIX_INPUTS;
	int64_t sum = 0;
	int32_t p, error;

	for (unsigned int i = 0; i < m->inputs; i++)
		sum += (int64_t)w[i] * m->stretched[i];
	p = (int32_t)squash(sum >> 16);
	bit = cx_coder_bit(c, bit, (uint32_t)p);
	error = ((int32_t)(bit << 16) - p) * m->rate;
	for (unsigned int i = 0; i < m->inputs; i++) {
		w[i] += (int32_t)(((int64_t)m->stretched[i] * error + (1 << 19)) >> 20);
		if (m->used[i])
			cx_prob_learn(m->used[i], bit);
	}
	m->inputs = 0;
	return bit;
}

/* The bits below the leading one; the first three are modelled. */
static uint64_t code_bits(struct cx_coder *c, struct cx_number *n, uint64_t value,
			  unsigned int length)
{
	uint64_t known = 1;
	unsigned int node = 1;

	for (unsigned int i = 1; i < length; i++) {
		unsigned int bit = value >> (length - 1 - i) & 1;

		if (i <= 3) {
			bit = cx_prob_bit(c, &n->bits[length][node], bit);
			node = node * 2 + bit;
		} else {
			bit = cx_coder_bit(c, bit, 32768);
		}
		known = known << 1 | bit;
	}
	return known;
}

/* What is expected counts as much as so many observations. */
#define EXPECTED 2

void cx_number_expect(struct cx_number *n, unsigned int more)
{
	for (unsigned int i = 0; i < 65; i++)
		n->length[i] = ((uint32_t)more << 24 | EXPECTED) ^ CX_PROB_HALF;
}

uint64_t cx_number_code(struct cx_coder *c, struct cx_number *n, uint64_t value)
{
	unsigned int want = value ? 64 - (unsigned int)__builtin_clzll(value) : 0;
	unsigned int length = 0;

	while (length < 64 && cx_prob_bit(c, &n->length[length], length < want))
		length++;
	return length ? code_bits(c, n, value, length) : 0;
}

int64_t cx_number_code_signed(struct cx_coder *c, struct cx_number *n, int64_t value)
{
	uint64_t folded = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);

	folded = cx_number_code(c, n, folded);
	return (int64_t)(folded >> 1 ^ -(folded & 1));
}
