/** A check that attacks, as an agent would write it: a shell script that prints what came of each attack. */
export interface CheckTargets {
  readonly canary: string;
  readonly state: string;
  readonly bare: string;
  readonly hostPid: number;
  readonly terces: string;
  readonly port: number;
  readonly abstract: string;
  readonly daemon: string;
  readonly leftover: string;
}

export function attackingCheck(to: CheckTargets): string {
  const perl = (source: string): string => `perl -MSocket -MPOSIX -e '${source}' 2>&1`;
  const named = `join(",", grep { $!{$_} } keys %!)`;
  const lines: readonly (readonly [name: string, command: string])[] = [
    ["canary", `cat ${to.canary} 2>&1`],
    ["overwrites", `(echo owned >${to.canary}) 2>&1`],
    ["board", `ls ${to.state} 2>&1; head -c 9 ${to.state}/millrace.db 2>&1`],
    ["jobs", `ls ${to.state}/jobs 2>&1`],
    ["beside", `ls -A .. | tr '\\n' ' '`],
    ["secret", `(env; cat /proc/[0-9]*/environ | tr '\\0' '\\n') 2>/dev/null | grep -c "$(echo ${to.terces} | rev)"`],
    ["processes", `ls -d /proc/[0-9]* | wc -l`],
    ["pushes", `git push -q ${to.bare} HEAD:refs/heads/main 2>&1 | head -1; git remote | wc -l`],
    ["verdict", `(echo green >../verdict) 2>&1; (echo x >${to.bare}/objects/owned) 2>&1`],
    [
      "loopback",
      perl(`socket(my $s, PF_INET, SOCK_STREAM, 0); print connect($s, sockaddr_in(${to.port}, INADDR_LOOPBACK)) ? "connected" : ${named}`),
    ],
    [
      "far",
      perl(`socket(my $s, PF_INET, SOCK_STREAM, 0); print connect($s, sockaddr_in(53, inet_aton("1.1.1.1"))) ? "connected" : ${named}`),
    ],
    [
      "abstract",
      perl(
        `socket(my $s, PF_UNIX, SOCK_STREAM, 0); print connect($s, pack("S a*", AF_UNIX, "\\0${to.abstract}")) ? "connected" : ${named}`,
      ),
    ],
    ["daemon", perl(`socket(my $s, PF_UNIX, SOCK_STREAM, 0); print connect($s, sockaddr_un("${to.daemon}")) ? "connected" : ${named}`)],
    ["signal", perl(`print kill(9, ${to.hostPid}) ? "killed" : ${named}`)],
    ["trace", perl(`my $done = syscall(101, 16, ${to.hostPid}, 0, 0); print $done < 0 ? ${named} : "traced"`)],
    ["link", `ln ${to.canary} hard 2>&1`],
    ["device", `mknod disk b 254 0 2>&1`],
    ["clock", perl(`my $time = pack("qq", 1, 0); my $done = syscall(227, 0, $time); print $done < 0 ? ${named} : "set"`)],
    ["terminal", `(cat /dev/tty) 2>&1`],
    [
      "leaves",
      `cp /bin/sh ./${to.leftover}; env -i setsid ./${to.leftover} -c 'while :; do sleep 1; done' >/dev/null 2>&1 & sleep 0.3; pgrep -c -f ${to.leftover}`,
    ],
  ];
  return `${lines.map(([name, command]) => `echo "[${name}] $( ${command} )"`).join("\n")}\nexit 0\n`;
}
