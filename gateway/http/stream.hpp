#pragma once

#include <span>

#include "gateway/http/certificate.hpp"
#include "gateway/http/io_thread.hpp"

/// Internal to http/: a connection's bytes, in clear or under TLS.
namespace boxoffice::gateway::http {

/// A socket that never blocks, and where there is a certificate, TLS over it. What a call found
/// says what to wait for on the socket before it is made again: under TLS reading may have to
/// write, and the other way round.
///
/// OpenSSL works on the descriptor itself: nothing is waiting in a buffer of ours when the socket
/// is waited for, and the connection's way is the same with TLS and without.
class Stream {
 public:
  enum class Found : std::uint8_t {
    bytes,        ///< some were moved
    needs_read,   ///< wait until the socket can be read
    needs_write,  ///< wait until it can be written
    end,          ///< the peer sends no more
    broken,
  };
  struct Moved {
    Found found{};
    std::size_t bytes = 0;
  };

  /// `certificate` may be null: in clear. REQUIRES: the socket does not block.
  Stream(Socket socket, const CertificateInForce* certificate);

  Socket& socket() { return socket_; }

  /// Whether the peers must agree on keys before anything is read or written.
  bool must_shake_hands() const { return shaking_; }
  /// `bytes`: done. After `broken`, `spoke_plainly` says whether the peer sent a request in clear.
  Found shake_hands();
  bool spoke_plainly() const { return spoke_plainly_; }
  /// From now on in clear, for telling that.
  void end_tls();

  Moved read(std::span<char> into);
  Moved write(std::span<const char> from);
  /// Tells the peer that nothing more comes.
  void end_writing();
  /// Reads what is of no interest, as it is on the wire. False: no more will come.
  bool discard(std::span<char> into);
  void close();

 private:
  Moved tls_moved(int result, std::size_t bytes);

  Socket socket_;
  Certificate::Session tls_;  ///< null: in clear
  bool shaking_ = false;
  bool spoke_plainly_ = false;
};

}  // namespace boxoffice::gateway::http
