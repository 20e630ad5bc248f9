/* The part of a Cortex-M that Unicorn lacks: SysTick, NVIC, system control block, DWT cycle
 * counter (Armv7-M Architecture Reference Manual, DDI 0403, B3 and C1). */
#include <string.h>

#include "sim.h"

enum { PENDSV = 14, SYSTICK = 15 };
enum { TICK_ENABLE = 1, TICK_INT = 2, TICK_COUNTFLAG = 1 << 16 };
enum { ICSR = 0xd04, AIRCR = 0xd0c, SHPR1 = 0xd18, SHPR_END = 0xd24, DEMCR = 0xdfc };
enum { DWT_CTRL = 0, DWT_CYCCNT = 4, DWT_CYCCNTENA = 1 };
#define TRCENA (1u << 24)

void ek_systick_update(struct ek_sim *s) {
    if (!(s->systick_control & TICK_ENABLE) || s->cycles < s->systick_next) return;
    uint64_t period = (uint64_t)s->systick_reload + 1;
    s->systick_next += ((s->cycles - s->systick_next) / period + 1) * period;
    s->systick_control |= TICK_COUNTFLAG;
    if (s->systick_control & TICK_INT) s->pending_system |= 1u << SYSTICK;
    s->deadline = 0;
}

static void systick_restart(struct ek_sim *s) {
    s->systick_base = s->cycles;
    int on = (s->systick_control & TICK_ENABLE) && s->systick_reload;
    s->systick_next = on ? s->cycles + s->systick_reload + 1 : EK_NEVER;
    s->deadline = 0;
}

uint32_t ek_systick_read(struct ek_sim *s, uint32_t offset) {
    ek_systick_update(s);
    if (offset == 0x10) {
        uint32_t value = s->systick_control;
        s->systick_control &= ~(uint32_t)TICK_COUNTFLAG;
        return value;
    }
    if (offset == 0x14) return s->systick_reload;
    if (offset == 0x18 && (s->systick_control & TICK_ENABLE) && s->systick_reload) {
        uint64_t phase = (s->cycles - s->systick_base) % ((uint64_t)s->systick_reload + 1);
        return phase ? s->systick_reload - (uint32_t)(phase - 1) : 0;
    }
    return 0;
}

void ek_systick_write(struct ek_sim *s, uint32_t offset, uint32_t value) {
    if (offset == 0x10) {
        uint32_t was = s->systick_control;
        s->systick_control = (value & 7) | (was & TICK_COUNTFLAG);
        if ((was ^ value) & TICK_ENABLE) systick_restart(s);
    } else if (offset == 0x14) {
        s->systick_reload = value & 0xffffff;
        if (s->systick_next == EK_NEVER) systick_restart(s);
    } else if (offset == 0x18) {
        s->systick_control &= ~(uint32_t)TICK_COUNTFLAG;
        systick_restart(s);
    }
}

static uint32_t word_index(uint32_t offset) { return offset % 0x80 / 4; }

/* A word of the system control space with its side effects. */
static uint32_t scs_word(struct ek_sim *s, uint32_t offset) {
    uint32_t i = word_index(offset);
    if (offset >= 0x010 && offset < 0x020) return ek_systick_read(s, offset);
    if (offset >= 0x100 && offset < 0x400 && i < EK_IRQ_WORDS) switch (offset & ~0x7fu) {
            case 0x100:
            case 0x180: return s->enabled[i];
            case 0x200:
            case 0x280: return s->pending[i] | s->level[i];
            case 0x300: return s->active[i];
        }
    if (offset == ICSR) {
        ek_systick_update(s);
        uint32_t bits = s->scs[offset / 4] & 0x1ff;
        if (s->pending_system >> SYSTICK & 1) bits |= 1u << 26;
        if (s->pending_system >> PENDSV & 1) bits |= 1u << 28;
        return bits;
    }
    if (offset >= 0x400 && offset < 0x400 + sizeof s->priority - 16) {
        uint32_t word;
        memcpy(&word, &s->priority[16 + offset - 0x400], 4);
        return word;
    }
    return s->scs[offset / 4];
}

uint64_t ek_scs_read(void *uc, uint64_t offset, unsigned size, struct ek_sim *s) {
    (void)uc, (void)size; /* Unicorn masks the value to the size */
    return scs_word(s, (uint32_t)offset & ~3u) >> (offset & 3) * 8;
}

static void nvic_write(struct ek_sim *s, uint32_t offset, uint32_t value) {
    uint32_t i = word_index(offset);
    if (i >= EK_IRQ_WORDS) return;
    switch (offset & ~0x7fu) {
        case 0x100: s->enabled[i] |= value; break;
        case 0x180: s->enabled[i] &= ~value; break;
        case 0x200: s->pending[i] |= value; break;
        case 0x280: s->pending[i] &= ~value; break;
        default: break;
    }
}

static void icsr_write(struct ek_sim *s, uint32_t value) {
    if (value >> 28 & 1) s->pending_system |= 1u << PENDSV;
    if (value >> 27 & 1) s->pending_system &= ~(1u << PENDSV);
    if (value >> 26 & 1) s->pending_system |= 1u << SYSTICK;
    if (value >> 25 & 1) s->pending_system &= ~(1u << SYSTICK);
}

void ek_scs_write(void *uc, uint64_t offset64, unsigned size, uint64_t value64, struct ek_sim *s) {
    (void)uc;
    uint32_t offset = (uint32_t)offset64, value = (uint32_t)value64;
    s->deadline = 0;
    if (offset >= 0x010 && offset < 0x020)
        ek_systick_write(s, offset, value);
    else if (offset >= 0x100 && offset < 0x400)
        nvic_write(s, offset, value);
    else if (offset == ICSR)
        icsr_write(s, value);
    else if (offset == AIRCR) {
        if (value >> 16 == 0x05fa && (value & 4)) s->stop = EK_STOP_RESET;
    } else if (offset >= 0x400 && offset + size <= 0x400 + sizeof s->priority - 16)
        memcpy(&s->priority[16 + offset - 0x400], &value, size);
    else {
        memcpy((uint8_t *)s->scs + offset, &value, size);
        if (offset >= SHPR1 && offset + size <= SHPR_END)
            memcpy(&s->priority[4 + offset - SHPR1], &value, size);
    }
}

uint64_t ek_dwt_read(void *uc, uint64_t offset, unsigned size, struct ek_sim *s) {
    (void)uc, (void)size;
    if (offset == DWT_CTRL) return s->dwt_control;
    if (offset != DWT_CYCCNT || !s->has_cyccnt) return 0;
    return (s->dwt_control & DWT_CYCCNTENA) ? (uint32_t)(s->cycles - s->cyccnt_base)
                                            : (uint32_t)s->cyccnt_base;
}

/* While the counter stands, cyccnt_base is its value; while it runs, the cycle where it was 0. */
void ek_dwt_write(void *uc, uint64_t offset, unsigned size, uint64_t value, struct ek_sim *s) {
    (void)uc, (void)size;
    if (!s->has_cyccnt || !(s->scs[DEMCR / 4] & TRCENA)) return;
    uint32_t now = (uint32_t)ek_dwt_read(uc, DWT_CYCCNT, 4, s);
    if (offset == DWT_CYCCNT) now = (uint32_t)value;
    if (offset == DWT_CTRL) s->dwt_control = (uint32_t)value;
    s->cyccnt_base = (s->dwt_control & DWT_CYCCNTENA) ? s->cycles - now : now;
}

uint64_t ek_next_event(const struct ek_sim *s) {
    uint64_t uart = ek_uart_next_event(s);
    return uart < s->systick_next ? uart : s->systick_next;
}

static void consider(const struct ek_sim *s, int exception, int limit, int *best, int *best_priority) {
    int priority = s->priority[exception];
    if (priority < limit && priority < *best_priority) {
        *best = exception;
        *best_priority = priority;
    }
}

int ek_due(struct ek_sim *s, int wake) {
    uint32_t primask = 0, basepri = 0;
    ek_systick_update(s);
    ek_uart_update(s);
    s->reg_read(s->uc, s->reg_primask, &primask);
    s->reg_read(s->uc, s->reg_basepri, &basepri);
    if (primask && !wake) return 0;
    int limit = s->active_priority;
    if (basepri && (int)basepri < limit) limit = (int)basepri;
    int best = 0, best_priority = 256;
    if (s->pending_system >> PENDSV & 1) consider(s, PENDSV, limit, &best, &best_priority);
    if (s->pending_system >> SYSTICK & 1) consider(s, SYSTICK, limit, &best, &best_priority);
    for (int w = 0; w < EK_IRQ_WORDS; w++) {
        uint32_t bits = (s->pending[w] | s->level[w]) & s->enabled[w] & ~s->active[w];
        for (int i = 0; bits; i++, bits >>= 1)
            if (bits & 1) consider(s, 16 + w * 32 + i, limit, &best, &best_priority);
    }
    return best;
}

void ek_acknowledge(struct ek_sim *s, int exception) {
    s->scs[ICSR / 4] = (uint32_t)exception;
    if (exception < 16) {
        s->pending_system &= ~(1u << exception);
        return;
    }
    uint32_t irq = (uint32_t)exception - 16, bit = 1u << (irq % 32);
    s->pending[irq / 32] &= ~bit;
    s->active[irq / 32] |= bit;
}

void ek_complete(struct ek_sim *s, int exception) {
    s->scs[ICSR / 4] = 0;
    s->deadline = 0;
    if (exception >= 16) s->active[(exception - 16) / 32] &= ~(1u << ((exception - 16) % 32));
}

void ek_reset(struct ek_sim *s) {
    memset(s->enabled, 0, sizeof s->enabled);
    memset(s->pending, 0, sizeof s->pending);
    memset(s->level, 0, sizeof s->level);
    memset(s->active, 0, sizeof s->active);
    memset(s->priority, 0, sizeof s->priority);
    memset(s->scs, 0, sizeof s->scs);
    s->pending_system = s->systick_control = s->systick_reload = s->dwt_control = 0;
    s->uart_control = s->uart_interrupts = s->rx_ready = s->counting = s->in_interrupt = 0;
    s->active_priority = 256;
    s->systick_next = EK_NEVER;
    s->deadline = 0;
    s->stop = EK_STOP_NONE;
    s->last = NULL;
}
