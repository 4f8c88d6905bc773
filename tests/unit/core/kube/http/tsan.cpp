// What ThreadSanitizer cannot see in core_kube_test: Debian's libcpprest is built without it, so the
// reference count under which a cancelled request frees its callback looks like a race. Nothing of ours is
// suppressed.

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:pplx::details::_CancellationTokenCallback\n";
}
