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
/* Fraction of a weight; what an error is divided by, times the rate */
#define WEIGHT_BITS	27
#define ERROR_BITS	9

static uint16_t squash_table[2 * STRETCH_MAX + 1];
int16_t cx_stretch_table[CX_STRETCH_SIZE];
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

/* The least x whose squash is not below p, for each p that has an entry */
static void make_stretch(void)
{
	uint32_t x = 0;

	for (uint32_t i = 0; i < CX_STRETCH_SIZE; i++) {
		uint32_t p = (i - CX_STRETCH_FINE) * CX_STRETCH_COARSE + CX_STRETCH_COARSE / 2;

		if (i < CX_STRETCH_FINE)
			p = i;
		else if (i >= CX_STRETCH_SIZE - CX_STRETCH_FINE)
			p = 65536 - CX_STRETCH_SIZE + i;
		/* What is between falls back a little at the seam: it is not used. */
		while (x && squash_table[x - 1] >= p)
			x--;
		while (x < 2 * STRETCH_MAX && squash_table[x] < p)
			x++;
		cx_stretch_table[i] = (int16_t)((int)x - STRETCH_MAX);
	}
}

void cx_model_init(void)
{
	make_squash();
	make_stretch();
	for (uint32_t i = 0; i <= CX_PROB_COUNT_MAX; i++)
		cx_reciprocal[i] = (65536 * 2) / (2 * i + 3);
}

static uint32_t squash(int32_t x)
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
	m->weights = aligned_alloc(CX_MIX_INPUTS * sizeof(*m->weights),
				   sizeof(*m->weights) * sets * CX_MIX_INPUTS);
	if (!m->weights)
		return -ENOMEM;
	for (size_t i = 0; i < (size_t)sets * CX_MIX_INPUTS; i++)
		m->weights[i] = first << (WEIGHT_BITS - 16);
	m->rate = rate;
	return 0;
}

void cx_mixer_free(struct cx_mixer *m)
{
	free(m->weights);
	memset(m, 0, sizeof(*m));
}

/*
 * The upper halves of the weights are what counts, so that the sum has 32 bits: at
 * most 8 * 2^15 * STRETCH_MAX.  Written for the compiler to take several at once.
 */
static int32_t dot(const int32_t *restrict weights, const int16_t *restrict stretched)
{
	int32_t sum = 0;

	for (unsigned int i = 0; i < CX_MIX_INPUTS; i++)
		sum += (int16_t)(weights[i] >> 16) * stretched[i];
	return sum;
}

/* Unsigned, as weights may run over: nonsense then, but the same on each machine. */
static void train(uint32_t *restrict weights, const int16_t *restrict stretched, int16_t error)
{
	for (unsigned int i = 0; i < CX_MIX_INPUTS; i++)
		weights[i] += (uint32_t)(stretched[i] * error);
}

unsigned int cx_mixer_bit(struct cx_mixer *m, struct cx_coder *c,
			  unsigned int set, unsigned int bit)
{
	int32_t *w = m->weights + (size_t)set * CX_MIX_INPUTS;
	int32_t p = (int32_t)squash(dot(w, m->stretched) >> (WEIGHT_BITS - 16));
	int32_t error;

	bit = cx_coder_bit(c, bit, (uint32_t)p);
	error = (((int32_t)(bit << 16) - p) * m->rate + (1 << (ERROR_BITS - 1))) >> ERROR_BITS;
	train((uint32_t *)w, m->stretched, (int16_t)error);
	for (unsigned int i = 0; i < m->inputs; i++)
		cx_prob_learn(m->used[i], bit);
	memset(m->stretched, 0, sizeof(m->stretched));
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
