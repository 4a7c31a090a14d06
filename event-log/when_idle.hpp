#pragma once

#include <sched.h>

namespace boxoffice::event_log {

/// Lets the calling thread run where a core has nothing else to do.
///
/// For work that nobody waits for as long as it is done in the end: where others keep the cores
/// busy it comes to a standstill, and no unprivileged thread gets out of it again. SCHED_IDLE
/// (sched(7)) rather than a high nice value: Linux puts a thread that wakes up onto a core that
/// runs nothing better, but takes a core for busy whatever the nice value of who keeps it so. With
/// nice values those who answer shared one core for as long as a flush had the other.
inline void run_when_idle() {
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_IDLE, &none);  // where that is forbidden it runs like the others
}

}  // namespace boxoffice::event_log
