/* State shared by the hooks (C) and the run loop (Python: native.py mirrors these structs). */
#ifndef EK_SIM_H
#define EK_SIM_H

#include <stdint.h>

#define EK_NEVER UINT64_MAX
#define EK_RX_SIZE 65536u /* bytes from the host that wait for the UART; a power of two */
#define EK_TX_SIZE 65536u
#define EK_MAX_BUCKETS 1024
#define EK_IRQ_WORDS 8

enum { /* why the run loop was left; 0 = the CPU itself stopped (WFI, fault, exception return) */
    EK_STOP_NONE = 0,
    EK_STOP_POLL,
    EK_STOP_EXCEPTION,
    EK_STOP_IDLE,
    EK_STOP_RESET,
    EK_STOP_TX_FULL,
    EK_STOP_MEMORY,
    EK_STOP_FPU_OFF
};

enum { EK_KEEP = 0, EK_LOOP = 1, EK_INVOKE = 2, EK_FIRST_LAYER = 3 }; /* buckets of counts */

/* What a block's start means. */
enum { EK_MARK_NONE = 0, EK_MARK_RUN = 1, EK_MARK_IDLE = 2, EK_MARK_FPU_OFF = 3 };

struct ek_block { /* one translated block; the same address may occur with several sizes */
    uint64_t key; /* address << 32 | size; 0 = free slot */
    uint64_t count;
    uint64_t taken;      /* times it was left by a taken branch */
    uint32_t end;        /* address + size */
    uint32_t cycles;     /* with the branch at its end not taken */
    uint16_t instructions;
    uint16_t taken_cycles; /* more when the branch is taken */
    uint16_t bucket;       /* EK_KEEP, or the bucket that begins here */
    uint16_t mark;
    uint32_t function; /* index into the image's functions */
    uint32_t unused;
    struct ek_block *follower; /* the block that ran after this one last time */
};

struct ek_run { /* one run of the timed loop: instructions and cycles a bucket, without interrupts */
    uint64_t instructions[EK_MAX_BUCKETS];
    uint64_t cycles[EK_MAX_BUCKETS];
    uint64_t interrupt_instructions;
    uint64_t interrupt_cycles;
    uint64_t invocations;
};

struct ek_sim {
    /* supplied once by the run loop */
    int (*emu_stop)(void *uc);
    int (*reg_read)(void *uc, int reg, void *value);
    void (*describe)(uint32_t address, uint32_t size, struct ek_block *block);
    void *uc;
    int reg_primask, reg_basepri, reg_sp, reg_lr;
    uint32_t invoke_address; /* entry of NAME_invoke, counted as invocations */
    uint64_t byte_cycles;    /* cycles that one byte takes on the wire */
    uint32_t burst;          /* bytes that arrive at once */
    uint32_t has_cyccnt;

    /* time and blocks */
    uint64_t instructions, cycles;
    uint64_t deadline;  /* the hook looks at events when cycles reach this; 0 = at the next block */
    uint64_t poll_time; /* when the run loop wants control back */
    uint32_t next;      /* address after the last block: another one is a taken branch */
    int32_t stop;
    struct ek_block *blocks, *last;
    uint64_t capacity, used;

    /* counting */
    uint32_t counting, run_return, run_sp, bucket;
    uint64_t bucket_instructions, bucket_cycles; /* totals when the bucket was entered */
    uint32_t in_interrupt, finished_runs;
    struct ek_run run;

    /* interrupts */
    uint32_t enabled[EK_IRQ_WORDS], pending[EK_IRQ_WORDS], level[EK_IRQ_WORDS], active[EK_IRQ_WORDS];
    uint32_t pending_system; /* bit n = exception n < 16 */
    int32_t active_priority; /* of the running handler; 256 in thread mode */
    uint8_t priority[16 + 32 * EK_IRQ_WORDS];
    uint32_t scs[1024]; /* the rest of the system control space, kept as written */

    /* SysTick */
    uint32_t systick_control, systick_reload;
    uint64_t systick_base, systick_next;

    /* DWT */
    uint32_t dwt_control;
    uint64_t cyccnt_base;

    /* UART */
    uint32_t uart_control, uart_interrupts, uart_divider, rx_irq, tx_irq;
    uint32_t rx_ready; /* bytes of the current burst not yet read */
    uint32_t rx_head, rx_tail, tx_head, tx_tail;
    uint64_t rx_time;     /* when the next burst arrives */
    uint64_t signal_time; /* when bytes left unread signal again */
    uint8_t rx[EK_RX_SIZE], tx[EK_TX_SIZE];
};

/* Unicorn callbacks. */
void ek_on_block(void *uc, uint64_t address, uint32_t size, struct ek_sim *s);
uint64_t ek_scs_read(void *uc, uint64_t offset, unsigned size, struct ek_sim *s);
void ek_scs_write(void *uc, uint64_t offset, unsigned size, uint64_t value, struct ek_sim *s);
uint64_t ek_dwt_read(void *uc, uint64_t offset, unsigned size, struct ek_sim *s);
void ek_dwt_write(void *uc, uint64_t offset, unsigned size, uint64_t value, struct ek_sim *s);
uint64_t ek_uart_read(void *uc, uint64_t offset, unsigned size, struct ek_sim *s);
void ek_uart_write(void *uc, uint64_t offset, unsigned size, uint64_t value, struct ek_sim *s);

/* Brings the peripherals up to `cycles`, then says which exception is due, 0 for none.
 * `wake` ignores PRIMASK: an interrupt that it holds back still ends WFI. */
int ek_due(struct ek_sim *s, int wake);
uint64_t ek_next_event(const struct ek_sim *s); /* cycles at which a peripheral acts next */
void ek_acknowledge(struct ek_sim *s, int exception);
void ek_complete(struct ek_sim *s, int exception);
void ek_interrupt_begins(struct ek_sim *s); /* moves the counts to and from the interrupts' share */
void ek_interrupt_ends(struct ek_sim *s);
uint32_t ek_receive(struct ek_sim *s, const uint8_t *bytes, uint32_t count); /* -> bytes taken */
uint32_t ek_transmitted(struct ek_sim *s, uint8_t *bytes, uint32_t limit);   /* -> bytes given */
void ek_reset(struct ek_sim *s);
int ek_table(struct ek_sim *s, uint64_t capacity); /* 0 = no memory */
void ek_free(struct ek_sim *s);
uint64_t ek_size(void); /* of struct ek_sim, against a mirror that drifted */

/* Between the files. */
void ek_systick_update(struct ek_sim *s);
uint32_t ek_systick_read(struct ek_sim *s, uint32_t offset);
void ek_systick_write(struct ek_sim *s, uint32_t offset, uint32_t value);
uint64_t ek_uart_next_event(const struct ek_sim *s);
void ek_uart_update(struct ek_sim *s);

#endif
