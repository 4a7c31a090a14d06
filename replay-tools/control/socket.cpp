#include "replay-tools/control/socket.hpp"

#include <fcntl.h>

#include <algorithm>
#include <string>

#include "replay-tools/control/control.hpp"

namespace boxoffice::control {

SocketAddress::SocketAddress(const std::filesystem::path& in)
    : directory(::open(in.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  name.sun_family = AF_UNIX;
  const std::string path =
      "/proc/self/fd/" + std::to_string(directory.get()) + "/" + std::string(kSocketName);
  std::ranges::copy(path, name.sun_path);
}

}  // namespace boxoffice::control
