//! Functions of IP networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bigdecimal::ToPrimitive;
use poolform_value::Value;

use super::{Context, Failure, text, texts, whole};

type Outcome = Result<Value, Failure>;

/// An IP network: its address as a number of `bits` bits.
#[derive(Clone, Copy)]
struct Network {
    address: u128,
    bits: u32,
    prefix: u32,
}

impl Network {
    fn parse(given: &str) -> Result<Self, Failure> {
        let invalid = || Failure::Argument(0, format!("invalid CIDR expression: invalid CIDR address: {given}"));
        let (address, prefix) = given.split_once('/').ok_or_else(invalid)?;
        let prefix: u32 = if prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            prefix.parse().map_err(|_| invalid())?
        } else {
            return Err(invalid());
        };
        let (address, bits) = match address.parse::<IpAddr>().map_err(|_| invalid())? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        if prefix > bits {
            return Err(invalid());
        }
        let network = Network { address, bits, prefix };
        Ok(Network { address: address & !network.host_mask(), ..network })
    }

    /// The bits that number hosts.
    fn host_mask(self) -> u128 {
        let hosts = self.bits - self.prefix;
        if hosts == 128 { u128::MAX } else { (1 << hosts) - 1 }
    }

    fn show(self, address: u128) -> String {
        if self.bits == 32 {
            Ipv4Addr::from(u32::try_from(address).unwrap_or(u32::MAX)).to_string()
        } else {
            Ipv6Addr::from(address).to_string()
        }
    }

    /// The subnet with `more` further bits, which are `number`.
    fn subnet(self, more: u32, number: u128) -> Network {
        let prefix = self.prefix + more;
        let shifted = if prefix == self.bits { number } else { number << (self.bits - prefix) };
        Network { address: self.address | shifted, prefix, ..self }
    }
}

pub(super) fn cidrhost(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let network = Network::parse(text(arguments, 0))?;
    let Some(number) = arguments[1].as_number().filter(|number| number.is_integer()).and_then(ToPrimitive::to_i128)
    else {
        return Failure::argument(1, "a whole number is required");
    };
    let hosts = network.host_mask();
    let host = if number >= 0 {
        number as u128
    } else {
        // From the end: -1 is the last.
        match hosts.checked_sub((-(number + 1)) as u128) {
            Some(host) => host,
            None => hosts.wrapping_add(1),
        }
    };
    if host > hosts || number < 0 && (number + 1).unsigned_abs() > hosts {
        return Failure::whole(format!("prefix of {} does not accommodate a host numbered {number}", network.prefix));
    }
    Ok(network.show(network.address | host).into())
}

pub(super) fn cidrnetmask(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let network = Network::parse(text(arguments, 0))?;
    if network.bits != 32 {
        return Failure::argument(0, "IPv6 addresses cannot have a netmask: only IPv4 addresses are supported");
    }
    Ok(network.show(u128::from(u32::MAX) & !network.host_mask()).into())
}

pub(super) fn cidrsubnet(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let network = Network::parse(text(arguments, 0))?;
    let more: u32 = whole(arguments, 1)?;
    let number: u128 =
        match arguments[2].as_number().filter(|number| number.is_integer()).and_then(ToPrimitive::to_u128) {
            Some(number) => number,
            None => return Failure::argument(2, "a whole number is required, zero or more"),
        };
    if more > network.bits - network.prefix {
        return Failure::argument(
            1,
            format!("insufficient address space to extend prefix of {} by {more}", network.prefix),
        );
    }
    if more < 128 && number >> more != 0 {
        return Failure::argument(
            2,
            format!("prefix extension of {more} does not accommodate a subnet numbered {number}"),
        );
    }
    let subnet = network.subnet(more, number);
    Ok(format!("{}/{}", subnet.show(subnet.address), subnet.prefix).into())
}

pub(super) fn cidrsubnets(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let network = Network::parse(text(arguments, 0))?;
    let last = network.address | network.host_mask();
    let mut subnets = Vec::new();
    // The first address that is still free; none when the last one is taken.
    let mut free = Some(network.address);
    for position in 1..arguments.len() {
        let more: u32 = whole(arguments, position)?;
        if more < 1 {
            return Failure::argument(position, "must extend prefix by at least one bit");
        }
        if more > network.bits - network.prefix {
            return Failure::argument(
                position,
                format!("would extend prefix to {} bits, which is too long", network.prefix + more),
            );
        }
        let prefix = network.prefix + more;
        let subnet = Network { prefix, ..network };
        let mask = subnet.host_mask();
        // The next one that begins where a network of this size can.
        let start = free.and_then(|free| if free & mask == 0 { Some(free) } else { (free | mask).checked_add(1) });
        let Some(start) = start.filter(|start| *start | mask <= last) else {
            return Failure::argument(
                position,
                format!("not enough remaining address space for a subnet with a prefix of {prefix} bits"),
            );
        };
        subnets.push(format!("{}/{prefix}", subnet.show(start)));
        free = (start | mask).checked_add(1);
    }
    Ok(texts(subnets))
}
