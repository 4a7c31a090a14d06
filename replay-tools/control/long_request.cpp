#include "replay-tools/control/long_request.hpp"

#include <pthread.h>

namespace boxoffice::control {

void LongRequest::begin(std::string name, Work work, std::move_only_function<void()> finish) {
  name_ = std::move(name);
  is_under_way_ = true;
  thread_ = std::jthread(
      [this, work = std::move(work), finish = std::move(finish)](std::stop_token stop) mutable {
        pthread_setname_np(pthread_self(), "control-long");
        work(std::move(stop));
        is_under_way_ = false;
        finish();
      });
}

}  // namespace boxoffice::control
