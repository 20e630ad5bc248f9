/* The hook at the start of every translated block: time, counts, and leaving the CPU for events. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static uint64_t slot_of(uint64_t key, uint64_t capacity) {
    return (key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (capacity - 1);
}

static struct ek_block *slot_for(struct ek_block *blocks, uint64_t capacity, uint64_t key) {
    uint64_t i = slot_of(key, capacity);
    while (blocks[i].key && blocks[i].key != key) i = (i + 1) & (capacity - 1);
    return &blocks[i];
}

int ek_table(struct ek_sim *s, uint64_t capacity) {
    struct ek_block *blocks = calloc(capacity, sizeof *blocks);
    if (!blocks) return 0;
    for (uint64_t i = 0; i < s->capacity; i++) {
        if (!s->blocks[i].key) continue;
        struct ek_block *moved = slot_for(blocks, capacity, s->blocks[i].key);
        *moved = s->blocks[i];
        moved->follower = NULL;
    }
    if (s->last) s->last = slot_for(blocks, capacity, s->last->key);
    free(s->blocks);
    s->blocks = blocks;
    s->capacity = capacity;
    return 1;
}

void ek_free(struct ek_sim *s) {
    free(s->blocks);
    s->blocks = s->last = NULL;
    s->capacity = s->used = 0;
}

/* A block seen for the first time: Python gives its cost, once. */
static struct ek_block *new_block(struct ek_sim *s, uint64_t key) {
    if (s->used * 2 >= s->capacity && !ek_table(s, s->capacity * 2)) return NULL;
    struct ek_block *b = slot_for(s->blocks, s->capacity, key);
    s->describe((uint32_t)(key >> 32), (uint32_t)key, b);
    b->key = key;
    b->end = (uint32_t)(key >> 32) + (uint32_t)key;
    s->used++;
    return b;
}

/* The block's entry: most often it is the one that followed the last block before. */
static struct ek_block *find(struct ek_sim *s, uint64_t key) {
    struct ek_block *b = s->last ? s->last->follower : NULL;
    if (b && b->key == key) return b;
    b = slot_for(s->blocks, s->capacity, key);
    if (!b->key && !(b = new_block(s, key))) return NULL;
    if (s->last) s->last->follower = b;
    return b;
}

static void leave(struct ek_sim *s, int why) {
    s->stop = why;
    s->emu_stop(s->uc);
}

static void close_bucket(struct ek_sim *s) {
    s->run.instructions[s->bucket] += s->instructions - s->bucket_instructions;
    s->run.cycles[s->bucket] += s->cycles - s->bucket_cycles;
    s->bucket_instructions = s->instructions;
    s->bucket_cycles = s->cycles;
}

static void begin_run(struct ek_sim *s) {
    uint32_t lr = 0;
    s->reg_read(s->uc, s->reg_lr, &lr);
    s->reg_read(s->uc, s->reg_sp, &s->run_sp);
    s->run_return = lr & ~1u;
    memset(&s->run, 0, sizeof s->run);
    for (uint64_t i = 0; i < s->capacity; i++) s->blocks[i].count = s->blocks[i].taken = 0;
    s->counting = 1;
    s->bucket = EK_LOOP;
    s->bucket_instructions = s->instructions;
    s->bucket_cycles = s->cycles;
}

/* The loop is over when its caller runs again at the stack depth of the call. */
static int run_is_over(struct ek_sim *s) {
    uint32_t sp = 0;
    s->reg_read(s->uc, s->reg_sp, &sp);
    return sp == s->run_sp;
}

void ek_interrupt_begins(struct ek_sim *s) {
    if (s->in_interrupt++ == 0 && s->counting) close_bucket(s);
}

void ek_interrupt_ends(struct ek_sim *s) {
    if (--s->in_interrupt != 0 || !s->counting) return;
    s->run.interrupt_instructions += s->instructions - s->bucket_instructions;
    s->run.interrupt_cycles += s->cycles - s->bucket_cycles;
    s->bucket_instructions = s->instructions;
    s->bucket_cycles = s->cycles;
}

static void count(struct ek_sim *s, struct ek_block *b, uint32_t address) {
    if (address == s->run_return && run_is_over(s)) {
        close_bucket(s);
        s->counting = 0;
        s->finished_runs++;
        return;
    }
    if (b->bucket && b->bucket != s->bucket) {
        close_bucket(s);
        s->bucket = b->bucket;
    }
    if (address == s->invoke_address) s->run.invocations++;
    b->count++;
}

static int must_leave(struct ek_sim *s) {
    if (s->cycles >= s->poll_time) return EK_STOP_POLL;
    if (ek_due(s, 0)) return EK_STOP_EXCEPTION;
    if (s->tx_head - s->tx_tail >= EK_TX_SIZE / 2) return EK_STOP_TX_FULL;
    /* Something pending but masked is looked at again at each block. */
    uint64_t next = ek_due(s, 1) ? 0 : ek_next_event(s);
    s->deadline = next < s->poll_time ? next : s->poll_time;
    return EK_STOP_NONE;
}

void ek_on_block(void *uc, uint64_t address, uint32_t size, struct ek_sim *s) {
    (void)uc;
    if ((uint32_t)address != s->next && s->last) { /* reached by a taken branch */
        s->cycles += s->last->taken_cycles;
        if (s->counting && !s->in_interrupt) s->last->taken++;
        s->next = (uint32_t)address; /* charged once, though the block may be begun twice */
    }
    if (s->stop) { /* a peripheral asked to leave */
        s->emu_stop(s->uc);
        return;
    }
    if (s->cycles >= s->deadline) {
        int why = must_leave(s);
        if (why) {
            leave(s, why);
            return;
        }
    }
    struct ek_block *b = find(s, address << 32 | size);
    if (!b) {
        leave(s, EK_STOP_MEMORY);
        return;
    }
    if (b->mark >= EK_MARK_IDLE) {
        leave(s, b->mark == EK_MARK_IDLE ? EK_STOP_IDLE : EK_STOP_FPU_OFF);
        return;
    }
    /* A loop may begin at the function's first instruction: only the first time starts a run. */
    if (b->mark == EK_MARK_RUN && !s->counting) begin_run(s);
    if (s->counting && !s->in_interrupt) count(s, b, (uint32_t)address);
    s->instructions += b->instructions;
    s->cycles += b->cycles;
    s->next = b->end;
    s->last = b;
}

uint64_t ek_size(void) { return sizeof(struct ek_sim); }
