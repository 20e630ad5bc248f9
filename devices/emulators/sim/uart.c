/* Arm CMSDK APB UART (Cortex-M System Design Kit TRM, DDI 0479, section 4.3).
 *
 * Bytes from the host come in bursts, the next one when the wire could have carried it, so that
 * the rate is honest and yet one interrupt drains many bytes. Sent bytes leave at once. */
#include <string.h>

#include "sim.h"

enum { DATA = 0x00, STATE = 0x04, CTRL = 0x08, INTSTATUS = 0x0c, BAUDDIV = 0x10 };
enum { CTRL_TX = 1, CTRL_RX = 2, CTRL_TX_IRQ = 4, CTRL_RX_IRQ = 8 };
enum { STATE_RX_FULL = 2 };
enum { INT_TX = 1, INT_RX = 2 };

static void set_level(struct ek_sim *s, uint32_t irq, uint32_t high) {
    uint32_t bit = 1u << (irq % 32);
    if (high)
        s->level[irq / 32] |= bit;
    else
        s->level[irq / 32] &= ~bit;
    s->deadline = 0;
}

static void update_lines(struct ek_sim *s) {
    set_level(s, s->rx_irq, s->uart_interrupts & INT_RX);
    set_level(s, s->tx_irq, s->uart_interrupts & INT_TX);
}

static void signal_byte(struct ek_sim *s) {
    if (s->uart_control & CTRL_RX_IRQ) s->uart_interrupts |= INT_RX;
    update_lines(s);
}

uint64_t ek_uart_next_event(const struct ek_sim *s) {
    if (!(s->uart_control & CTRL_RX)) return EK_NEVER;
    /* An unread byte holds the rest back, and signals again only where the firmware listens. */
    int quiet = (s->uart_interrupts & INT_RX) || !(s->uart_control & CTRL_RX_IRQ);
    if (s->rx_ready ? quiet : s->rx_head == s->rx_tail) return EK_NEVER;
    return s->rx_ready ? s->signal_time : s->rx_time;
}

void ek_uart_update(struct ek_sim *s) {
    if (s->cycles < ek_uart_next_event(s)) return;
    if (!s->rx_ready) {
        uint32_t waiting = s->rx_head - s->rx_tail;
        s->rx_ready = waiting < s->burst ? waiting : s->burst;
        s->rx_time = s->cycles + s->rx_ready * s->byte_cycles;
    }
    s->signal_time = s->cycles + s->byte_cycles;
    signal_byte(s);
}

static uint32_t take_byte(struct ek_sim *s) {
    if (!s->rx_ready) return 0;
    uint32_t byte = s->rx[s->rx_tail++ % EK_RX_SIZE];
    s->rx_ready--;
    s->deadline = 0;
    return byte;
}

uint64_t ek_uart_read(void *uc, uint64_t offset, unsigned size, struct ek_sim *s) {
    (void)uc, (void)size;
    switch (offset) {
        case DATA: return take_byte(s);
        case STATE: ek_uart_update(s); return s->rx_ready ? STATE_RX_FULL : 0;
        case CTRL: return s->uart_control;
        case INTSTATUS: return s->uart_interrupts;
        case BAUDDIV: return s->uart_divider;
        default: return 0;
    }
}

void ek_uart_write(void *uc, uint64_t offset, unsigned size, uint64_t value, struct ek_sim *s) {
    (void)uc, (void)size;
    switch (offset) {
        case DATA:
            if (!(s->uart_control & CTRL_TX)) break;
            if (s->tx_head - s->tx_tail < EK_TX_SIZE)
                s->tx[s->tx_head++ % EK_TX_SIZE] = (uint8_t)value;
            if (s->uart_control & CTRL_TX_IRQ) s->uart_interrupts |= INT_TX;
            update_lines(s);
            break;
        case CTRL:
            s->uart_control = (uint32_t)value;
            s->deadline = 0;
            break;
        case INTSTATUS:
            s->uart_interrupts &= ~(uint32_t)value;
            /* With bytes left unread, the next one signals again as it would on the wire. */
            s->signal_time = s->cycles + s->byte_cycles;
            update_lines(s);
            break;
        case BAUDDIV: s->uart_divider = (uint32_t)value; break;
        default: break;
    }
}

uint32_t ek_receive(struct ek_sim *s, const uint8_t *bytes, uint32_t count) {
    uint32_t room = EK_RX_SIZE - (s->rx_head - s->rx_tail);
    if (count > room) count = room;
    for (uint32_t i = 0; i < count; i++) s->rx[s->rx_head++ % EK_RX_SIZE] = bytes[i];
    if (count) s->deadline = 0;
    return count;
}

uint32_t ek_transmitted(struct ek_sim *s, uint8_t *bytes, uint32_t limit) {
    uint32_t count = 0;
    while (count < limit && s->tx_tail != s->tx_head) bytes[count++] = s->tx[s->tx_tail++ % EK_TX_SIZE];
    return count;
}
