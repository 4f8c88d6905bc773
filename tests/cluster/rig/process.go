// The processes of a cluster: started in sessions of their own, recorded in the
// file pids, ended by `controlplane down`.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// spawn starts this same binary as a component in a session of its own, its
// output in logs/NAME.log, and records it in the file pids.
func (c *cluster) spawn(name string, args ...string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(c.file("logs", name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(self, append([]string{name}, args...)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	pid := cmd.Process.Pid
	go cmd.Wait() // so that a component that dies meanwhile is no zombie
	pids, err := os.OpenFile(c.file("pids"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer pids.Close()
	_, err = fmt.Fprintln(pids, name, pid, startTime(pid))
	return err
}

func (c *cluster) dead() string {
	for _, p := range recorded(c.dir) {
		if !p.alive() {
			return p.name
		}
	}
	return ""
}

// process is a line of the file pids; the start time tells it from a later
// process with the same id.
type process struct {
	name  string
	pid   int
	start string
}

func (p process) alive() bool { return p.start != "" && startTime(p.pid) == p.start }

func recorded(dir string) (all []process) {
	b, _ := os.ReadFile(filepath.Join(dir, "pids"))
	for _, line := range strings.Split(string(b), "\n") {
		if f := strings.Fields(line); len(f) == 3 {
			pid, _ := strconv.Atoi(f[1])
			all = append(all, process{f[0], pid, f[2]})
		}
	}
	return all
}

// startTime is field 22 of /proc/PID/stat, empty for a process that is gone or
// a zombie.
func startTime(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(f) < 20 || f[0] == "Z" {
		return ""
	}
	return f[19]
}

func down(args []string) {
	fs := flag.NewFlagSet("down", flag.ExitOnError)
	dir := fs.String("dir", "", "state directory of 'up' (required)")
	remove := fs.Bool("rm", false, "remove the state directory too")
	_ = fs.Parse(args[1:])
	if *dir == "" {
		fs.Usage()
		os.Exit(2)
	}
	if err := stopAll(*dir); err != nil {
		fail(err)
	}
	if *remove {
		if err := os.RemoveAll(*dir); err != nil {
			fail(err)
		}
	}
}

// stopAll ends the recorded processes, the last started first, by SIGTERM and
// after 10 s by SIGKILL.
func stopAll(dir string) error {
	all := recorded(dir)
	for _, p := range slices.Backward(all) {
		if p.end(syscall.SIGTERM, 10*time.Second) || p.end(syscall.SIGKILL, 5*time.Second) {
			continue
		}
		return fmt.Errorf("%s (%d) does not end", p.name, p.pid)
	}
	err := os.Remove(filepath.Join(dir, "pids"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// end sends sig and waits; it reports whether the process is gone.
func (p process) end(sig syscall.Signal, wait time.Duration) bool {
	for deadline := time.Now().Add(wait); p.alive(); time.Sleep(20 * time.Millisecond) {
		if sig != 0 {
			_ = syscall.Kill(p.pid, sig)
			sig = 0
		}
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
