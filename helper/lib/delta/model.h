/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Models: what the probability of the next bit is, learnt from those before.
 */
#ifndef _CX_DELTA_MODEL_H
#define _CX_DELTA_MODEL_H

#include "lib/delta/coder.h"

/*
 * One adaptive probability: 22 bits of it, of which the highest is turned over so
 * that zeros are one half, and then 10 bits that count how often it was used, as
 * the first observations move it further than later ones.
 */
typedef uint32_t cx_prob;

#define CX_PROB_HALF	(1u << 31)

/* Inputs of a mixer, which are computed at once */
#define CX_MIX_INPUTS	8

/**
 * struct cx_mixer - some predictions, and how much each is worth
 * @weights: for each weight set, CX_MIX_INPUTS; 5.27 fixed point
 * @rate: how fast weights are learnt
 * @inputs: number of present inputs
 * @stretched: the present inputs, ln(p / (1 - p)) * 256; zeros behind them
 * @used: the probabilities behind them
 * @nobodys: learns for the inputs that have none
 */
struct cx_mixer {
	int32_t *weights;
	int rate;
	unsigned int inputs;
	int16_t stretched[CX_MIX_INPUTS];
	cx_prob *used[CX_MIX_INPUTS];
	cx_prob nobodys;
};

/* cx_model_init - make the tables; once, before anything else */
void cx_model_init(void);

/* cx_prob_get - the probability of a 1, of 65536 */
static inline uint32_t cx_prob_get(cx_prob p)
{
	return (p ^ CX_PROB_HALF) >> 16;
}

/* cx_prob_count - how often it was used, up to CX_PROB_COUNT_MAX */
static inline uint32_t cx_prob_count(cx_prob p)
{
	return p & 1023;
}

/* How often a probability is used until it stops to slow down */
#define CX_PROB_COUNT_MAX 30

/* 65536 / (n + 1.5) */
extern uint32_t cx_reciprocal[CX_PROB_COUNT_MAX + 1];

/* cx_prob_learn - a bit was @bit */
static inline void cx_prob_learn(cx_prob *p, unsigned int bit)
{
	uint32_t count = *p & 1023, value = *p ^ CX_PROB_HALF;
	int64_t error = (int64_t)(bit ? (1ll << 32) - 1024 : 0) - (value & ~1023u);

	value += (uint32_t)(error * cx_reciprocal[count] >> 16) & ~1023u;
	*p = (value + (count < CX_PROB_COUNT_MAX)) ^ CX_PROB_HALF;
}

/**
 * cx_prob_bit - code a bit with one probability, and learn from it
 * @c: the coder
 * @p: of a 1
 * @bit: if making
 */
unsigned int cx_prob_bit(struct cx_coder *c, cx_prob *p, unsigned int bit);

/**
 * cx_mixer_init - make a mixer
 * @m: initialised; given back by cx_mixer_free()
 * @sets: number of weight sets
 * @first: the weight that each input has at first, 16.16
 * @rate: how fast weights are learnt, about 2 (slow) to 30
 *
 * Return: 0 or -ENOMEM.
 */
int cx_mixer_init(struct cx_mixer *m, unsigned int sets, int32_t first, int rate);

/* cx_mixer_free - also of one that was only zeroed */
void cx_mixer_free(struct cx_mixer *m);

/*
 * ln(p / (1 - p)) * 256: for each p of the first and the last CX_STRETCH_FINE,
 * and between them for so many at once.
 */
#define CX_STRETCH_FINE		1024u
#define CX_STRETCH_COARSE	32u
#define CX_STRETCH_HIGH		(65536 - CX_STRETCH_FINE)
#define CX_STRETCH_SIZE		(2 * CX_STRETCH_FINE + 65536 / CX_STRETCH_COARSE)
extern int16_t cx_stretch_table[CX_STRETCH_SIZE];

static inline int16_t cx_stretch(uint32_t p16)
{
	uint32_t i = CX_STRETCH_FINE + p16 / CX_STRETCH_COARSE;

	if (p16 < CX_STRETCH_FINE)
		i = p16;
	if (p16 >= CX_STRETCH_HIGH)
		i = CX_STRETCH_SIZE - 65536 + p16;
	return cx_stretch_table[i];
}

/* cx_mixer_add - one more prediction for the next bit */
static inline void cx_mixer_add(struct cx_mixer *m, cx_prob *p)
{
	m->used[m->inputs] = p;
	m->stretched[m->inputs++] = cx_stretch(cx_prob_get(*p));
}

/* cx_mixer_add_fixed - a prediction that does not learn; @p1 is of 65536 */
static inline void cx_mixer_add_fixed(struct cx_mixer *m, uint32_t p1)
{
	m->used[m->inputs] = &m->nobodys;
	m->stretched[m->inputs++] = cx_stretch(p1 > 65535 ? 65535 : p1);
}

/**
 * cx_mixer_bit - code a bit with everything that was added, and learn from it
 * @m: its inputs are used up
 * @c: the coder
 * @set: which weights
 * @bit: if making
 */
unsigned int cx_mixer_bit(struct cx_mixer *m, struct cx_coder *c,
			  unsigned int set, unsigned int bit);

/*
 * Numbers of up to 64 bits: the number of bits, one by one, then the bits, of
 * which the topmost are modelled.  Zeros are one that has learnt nothing.
 */
struct cx_number {
	cx_prob length[65];
	cx_prob bits[65][8];
};

/**
 * cx_number_expect - how long numbers are, before anything was learnt
 * @n: zeros
 * @more: of 256: how likely it is that another bit follows
 */
void cx_number_expect(struct cx_number *n, unsigned int more);

/* cx_number_code - code an unsigned number */
uint64_t cx_number_code(struct cx_coder *c, struct cx_number *n, uint64_t value);

/* cx_number_code_signed - code a signed number, small ones of either sign being short */
int64_t cx_number_code_signed(struct cx_coder *c, struct cx_number *n, int64_t value);

#endif /* _CX_DELTA_MODEL_H */
