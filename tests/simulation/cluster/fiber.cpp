#include "tests/simulation/cluster/fiber.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <new>
#include <utility>

#include "event-log/require.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace boxoffice::simulation {
namespace {

constexpr std::size_t kStackBytes = std::size_t{1} << 20;  // of which what is touched is taken

}  // namespace

/// Where a call runs, and where it was called from. The sanitizers have to be told of each change.
struct Fiber::Stack {
  Stack()
      : bytes(::mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (bytes == MAP_FAILED) throw std::bad_alloc();
#if defined(__SANITIZE_THREAD__)
    own = __tsan_create_fiber(0);
#endif
  }
  ~Stack() {
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(own);
#endif
    ::munmap(bytes, kStackBytes);
  }

  void prepare(Fiber& fiber) {
    ::getcontext(&inside);
    inside.uc_stack.ss_sp = bytes;
    inside.uc_stack.ss_size = kStackBytes;
    inside.uc_link = nullptr;
    const auto address = reinterpret_cast<std::uintptr_t>(&fiber);
    ::makecontext(&inside, reinterpret_cast<void (*)()>(&Stack::begin), 2,
                  static_cast<unsigned>(address >> 32), static_cast<unsigned>(address));
    under_way = true;
  }

  static void begin(unsigned high, unsigned low) {
    const auto address = std::uintptr_t{high} << 32 | low;
    Fiber& fiber = *reinterpret_cast<Fiber*>(address);
    fiber.stack_->has_begun();
    fiber.run();
    fiber.stack_->leave(/*for_good=*/true);
  }

  void enter() {
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, bytes, kStackBytes);
#endif
#if defined(__SANITIZE_THREAD__)
    caller = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(own, 0);
#endif
    ::swapcontext(&outside, &inside);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
  }

  void leave(bool for_good) {
    if (for_good) under_way = false;
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(for_good ? nullptr : &fake, caller_bytes, caller_size);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(caller, 0);
#endif
    ::swapcontext(&inside, &outside);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, &caller_bytes, &caller_size);
#endif
  }

  void has_begun() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &caller_bytes, &caller_size);
#endif
  }

  void* const bytes;
  ucontext_t inside{};
  ucontext_t outside{};
  bool under_way = false;
#if defined(__SANITIZE_ADDRESS__)
  const void* caller_bytes = nullptr;
  std::size_t caller_size = 0;
#endif
#if defined(__SANITIZE_THREAD__)
  void* own = nullptr;
  void* caller = nullptr;
#endif
};

Fiber::Fiber() : stack_(std::make_unique<Stack>()) {}

Fiber::~Fiber() {
  if (!is_under_way()) return;
  is_ending_ = true;
  stack_->enter();
}

bool Fiber::is_under_way() const { return stack_->under_way; }

void Fiber::begin(std::function<void()> work) {
  event_log::require(!is_under_way(), "one call at a time");
  work_ = std::move(work);
  stack_->prepare(*this);
  enter();
}

void Fiber::resume() {
  event_log::require(is_under_way(), "a call that goes on has begun");
  enter();
}

void Fiber::enter() {
  stack_->enter();
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Fiber::pause() {
  stack_->leave(/*for_good=*/false);
  if (is_ending_) throw Ended();
}

void Fiber::run() {
  try {
    work_();
  } catch (const Ended&) {
  } catch (...) {
    thrown_ = std::current_exception();
  }
  work_ = nullptr;
}

}  // namespace boxoffice::simulation
