"""What is measured, a file each.

    figures    one number with its goal; medians; the table
    bench      declares benchmarks and runs each in a sandbox of its own
    programs   the measured programs: residents, newcomers, and what the kernel counts about a process
    newcomer   how soon a new bus hears of what is there
    news       how soon a publication and a goodbye are heard
    deaths     how soon a killed process and a vanished host are gone
    crowd      ten thousand services: convergence, traffic, CPU
    idle       what an idle bus costs
    weight     memory for each service known, and filters over many
    counts     the same in small, as tests: only what does not depend on how fast a machine is
"""
